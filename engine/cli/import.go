package cli

import (
	"fmt"
	"io"
	"path/filepath"

	"polyhealth/engine/cli/importer"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func importCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Turn the file of another health checker into one of polyhealth",
		Long: "Writes a file that is valid to standard output. What has no equivalent is named by\n" +
			"a comment that begins with \"not imported\", right where it belongs.",
		Example: "  polyhealth import gatus config.yaml >checks.yaml\n" +
			"  polyhealth import blackbox blackbox.yml --targets prometheus.yml >checks.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("import knows gatus and blackbox, not %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(importGatusCommand(s), importBlackboxCommand(s))
	return cmd
}

func importGatusCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "gatus FILE",
		Short: "Import a configuration of Gatus",
		Long: "Turns a configuration of Gatus into a file of polyhealth: endpoints into checks,\n" +
			"their conditions into one rule, alerts into routes. FILE may be -.",
		Args: exactlyOne,
		RunE: func(_ *cobra.Command, args []string) error {
			r := schema.NewReader()
			doc, err := foreign(args[0], s.in, r)
			if err != nil {
				return err
			}
			return imported(s, importer.Gatus(shortName(args[0]), doc, r), r)
		},
	}
}

func importBlackboxCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "blackbox FILE",
		Short: "Import a configuration of the Prometheus blackbox exporter",
		Long: "Turns the modules of a blackbox exporter's configuration into templates. The targets\n" +
			"are in Prometheus' configuration: with --targets its jobs become checks.",
		Args: exactlyOne,
	}
	targets := cmd.Flags().String("targets", "", "the configuration of Prometheus that has the targets")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		r := schema.NewReader()
		doc, err := foreign(args[0], s.in, r)
		if err != nil {
			return err
		}
		var jobs *schema.Document
		if *targets != "" {
			if jobs, err = foreign(*targets, s.in, r); err != nil {
				return err
			}
		}
		return imported(s, importer.Blackbox(shortName(args[0]), doc, jobs, r), r)
	}
	return cmd
}

// exactlyOne asks for one argument.
func exactlyOne(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("%s takes one file, got %d", cmd.CommandPath(), len(args))}
	}
	return nil
}

// foreign reads another program's file.
func foreign(file string, in io.Reader, r *schema.Reader) (*schema.Document, error) {
	label, src, err := read(file, in)
	if err != nil {
		return nil, err
	}
	return schema.ParsePlain(label, src, r), nil
}

// shortName is what the head of the result calls a file.
func shortName(file string) string {
	if file == "-" {
		return "of standard input"
	}
	return filepath.Base(file)
}

// imported prints what was imported, or what is wrong with the file.
func imported(s streams, result *importer.Result, r *schema.Reader) error {
	if err := schema.WriteText(s.err, r.Diagnostics(), colored(s.err)); err != nil {
		return err
	}
	if result == nil {
		return exit(exitFailed)
	}
	text, err := validDraft(result.File)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(s.out, text); err != nil {
		return err
	}
	fmt.Fprintln(s.err, result.Summary())
	return nil
}
