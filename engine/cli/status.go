package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

func statusCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [NAME…]",
		Short: "Ask the running daemon",
		Long: "Asks the daemon that runs the file how the named checks are, or all. Exits as\n" +
			"check does, and 3 when no daemon answers.",
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	format := formatFlag(cmd, "table", "json", "nagios")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		return status(s, findFile(*config), names, format.value)
	}
	return cmd
}

func status(s streams, file string, names []string, format string) error {
	p, err := settingsOf(s, file)
	if err != nil {
		return exit(exitUnknown)
	}
	c := anyClient(p)
	var r report
	if err := c.get("/health", &r); err != nil {
		fmt.Fprintf(s.err, "polyhealth: %v\n", err)
		return exit(exitUnknown)
	}
	if r.Components, err = pickRows(r.Components, names); err != nil {
		return usageError{err}
	}
	r.Status = overall(r.Components, len(names) > 0)
	if err := r.print(s.out, format); err != nil {
		return err
	}
	if format == "table" {
		troubles(s, c)
	}
	return exitOf(r.Status)
}

// pickRows is the named rows, or all.
func pickRows(rows []row, names []string) ([]row, error) {
	if len(names) == 0 {
		return rows, nil
	}
	known := make([]string, len(rows))
	for i, r := range rows {
		known[i] = r.Name
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, noSuchCheck(name, known)
		}
	}
	return slices.DeleteFunc(rows, func(r row) bool { return !slices.Contains(names, r.Name) }), nil
}

// daemonStatus is what /api/v1/status says of the daemon itself, as far as the
// status command shows it.
type daemonStatus struct {
	Reload struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	} `json:"last_reload"`
	Storage struct {
		Trouble string `json:"trouble"`
	} `json:"storage"`
	Alerts []struct {
		Route   string `json:"route"`
		Outcome string `json:"outcome"`
		Count   int    `json:"count"`
	} `json:"notifications"`
}

// troubles prints what is wrong with the daemon itself, and nothing otherwise.
func troubles(s streams, c *client) {
	var d daemonStatus
	if err := c.get("/api/v1/status", &d); err != nil {
		return
	}
	if !d.Reload.OK && d.Reload.Error != "" {
		fmt.Fprintf(s.out, "\nthe last reload failed, the file before it still runs: %s\n", d.Reload.Error)
	}
	if d.Storage.Trouble != "" {
		fmt.Fprintf(s.out, "\nthe database is in trouble, results are kept in memory: %s\n", d.Storage.Trouble)
	}
	for _, a := range d.Alerts {
		if a.Outcome == "given_up" && a.Count > 0 {
			fmt.Fprintf(s.out, "\nroute %s: %s could not be delivered\n", a.Route, count(a.Count, "notification"))
		}
	}
}
