package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"strings"
	"time"

	"polyhealth/engine"
	"polyhealth/schema"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

func silenceCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "silence",
		Short: "Hold alerts back for a time",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(silenceAdd(s), silenceList(s), silenceExpire(s))
	return cmd
}

func silenceAdd(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add [NAME…]",
		Short: "Silence checks by name, by a pattern such as 'api-*', or by tag",
		Long: "Has the running daemon hold back the alerts on the named checks, on those whose\n" +
			"names are as a pattern such as 'api-*' wants them, or on those with a tag. Probes and\n" +
			"status go on. Once the silence is over, each route is told what is true then.",
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	tags := cmd.Flags().StringSlice("tag", nil, "silence the checks with this tag")
	long := cmd.Flags().String("for", "", "how long, such as 2h (needed)")
	reason := cmd.Flags().String("reason", "", "why")
	author := cmd.Flags().String("author", who(), "who wants it")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		d, err := schema.ParseDuration(*long)
		if err != nil {
			return usageError{fmt.Errorf("--for wants a time to last, such as 2h")}
		}
		return silence(s, findFile(*config), map[string]any{
			"checks": names, "tags": *tags, "seconds": d.Seconds(), "reason": *reason, "author": *author,
		})
	}
	return cmd
}

func ackCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ack NAME",
		Short: "Acknowledge what is wrong with a check: no more reminders of it",
		Long: "Has the running daemon send no reminders of what is wrong with a check, until it is\n" +
			"healthy again, which is told. Something worse is told, too.",
		Args:              one("check"),
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	reason := cmd.Flags().String("reason", "", "what is known or done")
	author := cmd.Flags().String("author", who(), "who acknowledges it")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		return silence(s, findFile(*config), map[string]any{
			"checks": names, "ack": true, "reason": *reason, "author": *author,
		})
	}
	return cmd
}

// who is the person at the keyboard, as far as the system tells.
func who() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

func silence(s streams, file string, asked map[string]any) error {
	body, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	var begun engine.Silence
	if err := command(s, file, "/api/v1/silences", body, &begun); err != nil {
		return err
	}
	if begun.Ack {
		fmt.Fprintf(s.out, "acknowledged: no reminders of %s until it is healthy\n", oneLine(begun.Checks[0]))
		return nil
	}
	fmt.Fprintf(s.out, "silence %s until %s\n", begun.ID, begun.Expires.Local().Format(time.RFC3339))
	return nil
}

func silenceExpire(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "expire ID",
		Short: "End a silence before its time",
		Args:  one("silence, as silence list shows it"),
	}
	config := configFlag(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return command(s, findFile(*config), "/api/v1/silences/"+url.PathEscape(args[0])+"/expire", nil, nil)
	}
	return cmd
}

func silenceList(s streams) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the silences and acknowledgements that last", Args: noArgs}
	config := configFlag(cmd)
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		p, err := settingsOf(s, findFile(*config))
		if err != nil {
			return exit(exitFailed)
		}
		var all []engine.Silence
		if err := anyClient(p).get("/api/v1/silences", &all); err != nil {
			return err
		}
		if format.value == "json" {
			enc := json.NewEncoder(s.out)
			enc.SetIndent("", "  ")
			return enc.Encode(all)
		}
		if len(all) == 0 {
			fmt.Fprintln(s.out, "nothing is silenced")
			return nil
		}
		t := table.NewWriter()
		t.SetStyle(plainStyle())
		t.AppendHeader(table.Row{"ID", "OF", "UNTIL", "BY", "REASON"})
		for _, one := range all {
			of := strings.Join(one.Checks, ", ")
			if len(one.Tags) > 0 {
				of = strings.TrimPrefix(of+", tags "+strings.Join(one.Tags, ", "), ", ")
			}
			until := "it is healthy"
			if !one.Ack {
				until = one.Expires.Local().Format("2006-01-02 15:04:05")
			}
			t.AppendRow(table.Row{one.ID, oneLine(of), until, oneLine(one.Author), oneLine(one.Reason)})
		}
		return printTable(s.out, t)
	}
	return cmd
}

// command has the daemon do something, over its admin socket, and reads its answer.
func command(s streams, file, path string, body []byte, into any) error {
	p, err := settingsOf(s, file)
	if err != nil {
		return exit(exitFailed)
	}
	c, err := socketClient(p)
	if err != nil {
		return err
	}
	code, answer, err := c.send(http.MethodPost, path, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	if code != http.StatusOK {
		var refused struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(answer, &refused)
		return fmt.Errorf("%s", cmp.Or(refused.Error, fmt.Sprintf("the daemon answered %d", code)))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
