package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func alertsCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alerts [NAME]",
		Short: "Show what became of alerts",
		Long: "Asks the running daemon what became of the alerts on one check, or on all: what\n" +
			"was sent when and after how many attempts, what was held back and why, and what\n" +
			"could not be delivered. The newest are last.",
		Args:              atMostOne,
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	format := formatFlag(cmd, "table", "json")
	limit := cmd.Flags().Int("limit", 50, "how many to show, at most")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		if *limit < 1 || *limit > 10_000 {
			return usageError{fmt.Errorf("--limit is a number from 1 to 10000")}
		}
		name := ""
		if len(names) > 0 {
			name = names[0]
		}
		return alerts(s, findFile(*config), name, *limit, format.value)
	}
	return cmd
}

// alertRow is one record of /api/v1/alerts.
type alertRow struct {
	At       time.Time `json:"at"`
	Check    string    `json:"check"`
	Route    string    `json:"route"`
	Notifier string    `json:"notifier"`
	Event    string    `json:"event"`
	Status   string    `json:"status"`
	Outcome  string    `json:"outcome"`
	Attempts int       `json:"attempts"`
	Note     string    `json:"note"`
	ID       string    `json:"id"`
}

func alerts(s streams, file, name string, limit int, format string) error {
	p, err := settingsOf(s, file)
	if err != nil {
		return exit(exitFailed)
	}
	code, body, err := anyClient(p).do(http.MethodGet, fmt.Sprintf("/api/v1/alerts?limit=%d&check=%s", limit, url.QueryEscape(name)), "application/json")
	if err != nil {
		return err
	}
	if code != http.StatusOK {
		return fmt.Errorf("the daemon answered %d: %s", code, oneLine(string(body)))
	}
	if format == "json" {
		_, err := s.out.Write(body)
		return err
	}
	var rows []alertRow
	if err := json.Unmarshal(body, &rows); err != nil {
		return err
	}
	if len(rows) == 0 {
		fmt.Fprintln(s.out, "no alerts")
		return nil
	}
	t := table.NewWriter()
	t.SetStyle(plainStyle())
	t.AppendHeader(table.Row{"TIME", "CHECK", "ALERT", "ROUTE", "OUTCOME", "NOTE"})
	for i := len(rows) - 1; i >= 0; i-- {
		r := rows[i]
		outcome := map[string]string{"held_back": "held back", "given_up": "given up"}[r.Outcome]
		if outcome == "" {
			outcome = r.Outcome
		}
		if r.Attempts > 1 {
			outcome += fmt.Sprintf(" (%d attempts)", r.Attempts)
		}
		t.AppendRow(table.Row{
			r.At.Local().Format("2006-01-02 15:04:05"), oneLine(r.Check), r.Event + " " + r.Status,
			oneLine(r.Route) + "/" + r.Notifier, outcome, oneLine(r.Note),
		})
	}
	return printTable(s.out, t)
}
