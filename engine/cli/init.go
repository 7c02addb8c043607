package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"polyhealth/engine/cli/survey"

	"github.com/spf13/cobra"
)

func initCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Propose a file from what runs on this machine",
		Long: "Writes a file with a check of each systemd service that is enabled and runs, of each\n" +
			"unit that failed, and of the ports, databases, disks and memory of this machine. FILE\n" +
			"defaults to checks.yaml; one that is there is left alone. - prints.\n" +
			"Nothing is connected to, unless --probe is given: then each port of loopback is asked\n" +
			"for / by HTTP, once.",
		Args: atMostOne,
	}
	probe := cmd.Flags().Bool("probe", false, "ask each port of loopback for / by HTTP, once")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file := defaultFile
		if len(args) > 0 {
			file = args[0]
		}
		return propose(cmd.Context(), s, file, *probe)
	}
	return cmd
}

func propose(ctx context.Context, s streams, file string, probe bool) error {
	if ctx == nil {
		ctx = context.Background()
	}
	if _, err := os.Lstat(file); err == nil && file != "-" {
		return fmt.Errorf("%s is there already, and is left as it is: name another file", file)
	}
	machine := survey.Look(ctx)
	if probe {
		machine.Probe(ctx)
	}
	m := machine.Draft()
	text, err := validDraft(m)
	if err != nil {
		return err
	}
	if file == "-" {
		_, err := io.WriteString(s.out, text)
		return err
	}
	if err := create(file, text); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "wrote %s with %s\nhint: polyhealth check --config %s probes each once\n", file, count(len(m.In("checks").Live()), "check"), file)
	return nil
}

// create writes a file that is not there yet.
func create(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is left as it is: name another file", file)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, cause(err))
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}
