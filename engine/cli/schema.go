package cli

import (
	"encoding/json"

	"polyhealth/checktypes/all"
	"polyhealth/engine"
	alertall "polyhealth/engine/alert/all"
	"polyhealth/engine/suite"

	"github.com/spf13/cobra"
)

func schemaCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the file", Args: noArgs,
		Long: "Prints the JSON Schema (draft 2020-12) of the file, for editors that complete and\n" +
			"check YAML.",
		Example: "  polyhealth schema >polyhealth.schema.json",
		RunE: func(*cobra.Command, []string) error {
			enc := json.NewEncoder(s.out)
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			file := engine.FileSchema(registry(), all.Docs(), alertall.Docs())
			file.Properties["tests"] = suite.Schema()
			return enc.Encode(file)
		},
	}
}
