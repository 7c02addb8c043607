package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes besides those of a status.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUnknown = 3  // of check and status, as a Nagios plugin
	exitUsage   = 64 // EX_USAGE of sysexits.h
	exitBadFile = 78 // EX_CONFIG: a restart will not help
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exit is an error that only says how to leave; what there is to say has been
// said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is a command line that makes no sense.
type usageError struct{ error }

// Main runs one command line, without the program's name, and returns its exit
// code.
func Main(args []string, in io.Reader, out, err io.Writer) int {
	s := streams{in, out, err}
	root := rootCommand(s)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(err)
	return exitCode(root.Execute(), s)
}

func exitCode(failure error, s streams) int {
	var code exit
	var usage usageError
	switch {
	case failure == nil:
		return exitOK
	case errors.As(failure, &code):
		return int(code)
	case errors.As(failure, &usage):
		fmt.Fprintf(s.err, "polyhealth: %v\nhint: polyhealth --help lists the commands\n", failure)
		return exitUsage
	default:
		fmt.Fprintf(s.err, "polyhealth: %v\n", failure)
		return exitFailed
	}
}

func rootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "polyhealth",
		Short: "Watches what a YAML file declares, and serves its health over HTTP",
		Long: "Polyhealth probes what a YAML file declares (SQL queries, HTTP and WebSocket\n" +
			"servers, systemd units, commands), judges the results by the file's rules, and\n" +
			"serves their health over HTTP.",
		SilenceUsage: true, SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		runCommand(s), validateCommand(s), fmtCommand(s), renderCommand(s), testCommand(s), checkCommand(s), evalCommand(s), statusCommand(s), reloadCommand(s),
		alertsCommand(s), alertCommand(s), routesCommand(s), silenceCommand(s), ackCommand(s),
		recoveryCommand(s), recoverCommand(s), polkitRulesCommand(s),
		importCommand(s), initCommand(s), schemaCommand(s), explainCommand(s), versionCommand(s),
	)
	return root
}

// noArgs refuses arguments as a usage error.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])}
	}
	return nil
}

// one wants exactly one argument, which is the name of what.
func one(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("name one %s", what)}
		}
		return nil
	}
}

// atMostOne refuses more than one argument as a usage error.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("%s takes at most one argument, got %d", cmd.Name(), len(args))}
	}
	return nil
}

// formatFlag adds --format, which takes one of the given words, the first by
// default.
func formatFlag(cmd *cobra.Command, words ...string) *choice {
	c := &choice{words: words, value: words[0]}
	cmd.Flags().Var(c, "format", "how to print: "+joinOr(words))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	return c
}
