package cli

import (
	"fmt"

	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func validateCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate [FILE…]",
		Short: "Find every mistake in a file",
		Long: "Finds every mistake in the files, as run would, without starting anything.\n" +
			"FILE defaults to checks.yaml; - is standard input.",
		Example: "  polyhealth validate checks.yaml\n  polyhealth validate --format json - <checks.yaml",
	}
	format := formatFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, files []string) error {
		if len(files) == 0 {
			files = []string{findFile("")}
		}
		return validate(s, files, format.value)
	}
	return cmd
}

// validate prints what is wrong with the files, and fails where any is.
func validate(s streams, files []string, format string) error {
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
		mistakes = append(mistakes, l.Diagnostics()...)
		bad = bad || l.plan == nil
		if l.plan != nil {
			valid = append(valid, fmt.Sprintf("%s: valid, %s", l.doc.File, count(len(l.plan.Checks), "check")))
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

// unreadable is the diagnostic of a file that could not be read at all.
func unreadable(file string, err error) schema.Diagnostic {
	return schema.Diagnostic{
		File: file, Line: 1, Column: 1, Width: 1, Severity: schema.Error, Message: err.Error(),
	}
}

func printMistakes(s streams, ds []schema.Diagnostic, format string) error {
	if format == "json" {
		return schema.WriteJSON(s.out, ds)
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
