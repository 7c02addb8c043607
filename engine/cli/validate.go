package cli

import (
	"fmt"
	"runtime/debug"
	"strings"

	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func validateCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate [FILE…]",
		Short: "Find every mistake in a file",
		Long: "Finds every mistake in the files, as run would, without starting anything, and\n" +
			"warns of what is allowed and surely unmeant. FILE defaults to checks.yaml; - is\n" +
			"standard input.\n\n" +
			"The formats json and sarif (2.1.0) are for programs, github is for the log of a\n" +
			"GitHub workflow, which then shows each mistake beside its line.",
		Example: "  polyhealth validate checks.yaml\n  polyhealth validate --format json - <checks.yaml\n" +
			"  polyhealth validate --strict --format github checks.yaml",
	}
	format := formatFlag(cmd, "text", "json", "github", "sarif")
	strict := cmd.Flags().Bool("strict", false, "take warnings for mistakes")
	cmd.RunE = func(_ *cobra.Command, files []string) error {
		if len(files) == 0 {
			files = []string{findFile("")}
		}
		return validate(s, files, format.value, *strict)
	}
	return cmd
}

// validate prints what is wrong with the files, and fails where any is.
func validate(s streams, files []string, format string, strict bool) error {
	// A file may be large, and CI machines small: memory comes before time here.
	defer debug.SetGCPercent(debug.SetGCPercent(40))
	var mistakes []schema.Diagnostic
	var valid []string
	bad := false
	for _, file := range files {
		l, err := load(file, s.in)
		if err != nil {
			bad = true
			mistakes = append(mistakes, unreadable(file, err))
			continue
		}
		found := l.Diagnostics()
		mistakes = append(mistakes, found...)
		if l.plan == nil || strict && len(found) > 0 {
			bad = true
		} else {
			valid = append(valid, validLine(l, len(found)))
		}
	}
	if err := printMistakes(s, mistakes, format); err != nil {
		return err
	}
	if format == "text" {
		for _, line := range valid {
			fmt.Fprintln(s.out, line)
		}
	}
	if bad {
		return exit(exitFailed)
	}
	return nil
}

// validLine says of a file that it holds no mistake.
func validLine(l *loaded, warnings int) string {
	parts := []string{l.doc.File + ": valid", count(len(l.plan.Checks), "check")}
	if warnings > 0 {
		parts = append(parts, count(warnings, "warning"))
	}
	return strings.Join(parts, ", ")
}

// unreadable is the diagnostic of a file that could not be read at all.
func unreadable(file string, err error) schema.Diagnostic {
	return schema.Diagnostic{
		File: file, Line: 1, Column: 1, Width: 1, Severity: schema.Error, Message: err.Error(),
	}
}

func printMistakes(s streams, ds []schema.Diagnostic, format string) error {
	switch format {
	case "json":
		return schema.WriteJSON(s.out, ds)
	case "github":
		return schema.WriteGitHub(s.out, ds, "polyhealth")
	case "sarif":
		return schema.WriteSARIF(s.out, ds, "polyhealth", Version())
	}
	return schema.WriteText(s.out, ds, colored(s.out))
}

// count is a number of things: 1 check, 2 checks.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
