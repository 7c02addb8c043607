package cli

import (
	"fmt"
	"net/http"

	"polyhealth/engine"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func reloadCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Make the running daemon read its file again",
		Long: "Makes the daemon that runs the file read it again, and prints what changed. With\n" +
			"mistakes in the file, or where something new cannot start, nothing changes, and\n" +
			"that is printed instead.",
		Args: noArgs,
	}
	config := configFlag(cmd)
	format := formatFlag(cmd, "text", "json")
	cmd.RunE = func(*cobra.Command, []string) error { return reload(s, findFile(*config), format.value) }
	return cmd
}

func reload(s streams, file, format string) error {
	p, err := settingsOf(s, file)
	if err != nil {
		return exit(exitFailed)
	}
	c, err := socketClient(p)
	if err != nil {
		return err
	}
	accept := map[string]string{"text": "text/plain", "json": "application/json"}[format]
	code, body, err := c.do(http.MethodPost, "/-/reload", accept)
	if err != nil {
		return err
	}
	if _, err := s.out.Write(body); err != nil {
		return err
	}
	if code != http.StatusOK {
		return exit(exitFailed)
	}
	return nil
}

// settingsOf reads a file only for where its daemon is to be found, which works
// as well while the file has mistakes elsewhere. Where it is no YAML at all, that is not
// known.
func settingsOf(s streams, file string) (*engine.Plan, error) {
	r := schema.NewReader()
	doc, err := document(file, s.in, r)
	if err != nil {
		fmt.Fprintf(s.err, "polyhealth: %v\n", err)
		return nil, err
	}
	p := engine.Settings(doc, r)
	if root := doc.Root; root == nil || root.Kind != schema.Map || len(root.Entries) == 0 {
		p.Server.Listen = unread
	}
	return p, nil
}
