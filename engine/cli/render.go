package cli

import (
	"fmt"

	"polyhealth/engine"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func renderCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "render [FILE]",
		Short: "Print the file with all that it says once written out",
		Long: "Prints the effective file: what it includes in one, each check spelt out, without\n" +
			"templates and for_each. ${…} stays as it is; secrets that stand in the file are\n" +
			"redacted. It validates to the same checks as the file does.",
		Args: atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			file := findFile("")
			if len(args) > 0 {
				file = args[0]
			}
			return render(s, file)
		},
	}
}

func render(s streams, file string) error {
	r := schema.NewReader()
	doc, err := document(file, s.in, r)
	if err != nil {
		fmt.Fprintf(s.err, "polyhealth: %v\n", err)
		return exit(exitFailed)
	}
	root := engine.Effective(doc, registry(), r)
	if err := schema.WriteText(s.err, r.Diagnostics(), colored(s.err)); err != nil {
		return err
	}
	if root == nil {
		return exit(exitFailed)
	}
	return r.Write(s.out, root)
}
