package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
)

// action is one action as the daemon tells of it.
type action struct {
	ID       string     `json:"id"`
	Check    string     `json:"check"`
	At       *time.Time `json:"at"`
	Step     int        `json:"step"`
	Action   string     `json:"action"`
	Cause    string     `json:"cause"`
	Result   string     `json:"result"`
	Detail   string     `json:"detail"`
	Ended    *time.Time `json:"ended"`
	Duration float64    `json:"duration_seconds"`
}

// recoveries is what the daemon tells of recovery.
type recoveries struct {
	LastHour   int `json:"actions_last_hour"`
	Components []struct {
		Name     string `json:"name"`
		Status   string `json:"status"`
		Recovery struct {
			State    string     `json:"state"`
			Why      string     `json:"why"`
			Until    *time.Time `json:"until"`
			Attempts int        `json:"attempts"`
			Most     int        `json:"max_attempts"`
			DryRun   bool       `json:"dry_run"`
		} `json:"recovery"`
	} `json:"components"`
	Actions []action `json:"actions"`
	Error   string   `json:"error"`
}

func recoveryCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recovery [NAME]",
		Short: "Show what was done to repair components",
		Long: "Asks the daemon that runs the file what it does, and did, to repair the named\n" +
			"check, or all that have a recovery.",
		Args: atMostOne, ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	format := formatFlag(cmd, "table", "json")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		p, err := settingsOf(s, findFile(*config))
		if err != nil {
			return exit(exitFailed)
		}
		code, body, err := anyClient(p).do(http.MethodGet, recoveryPath(names), "application/json")
		if err != nil {
			return err
		}
		var r recoveries
		if err := json.Unmarshal(body, &r); err != nil {
			return fmt.Errorf("the daemon answered %d, and not as polyhealth does", code)
		}
		switch {
		case code != http.StatusOK:
			return fmt.Errorf("%s", r.Error)
		case format.value == "json":
			_, err := s.out.Write(body)
			return err
		}
		return r.print(s)
	}
	return cmd
}

func recoveryPath(names []string) string {
	path := "/api/v1/recovery"
	for _, name := range names {
		path += "/" + url.PathEscape(name)
	}
	return path
}

func (r *recoveries) print(s streams) error {
	if len(r.Components) == 0 {
		_, err := fmt.Fprintln(s.out, "no check has a recovery")
		return err
	}
	state := plainTable()
	state.AppendHeader(table.Row{"NAME", "STATUS", "RECOVERY", "ATTEMPTS", "WHY"})
	for _, c := range r.Components {
		x := c.Recovery
		phase := x.State
		if x.DryRun {
			phase += " (dry run)"
		}
		why := x.Why
		if x.Until != nil {
			why += ", until " + x.Until.Local().Format(time.TimeOnly)
		}
		state.AppendRow(table.Row{oneLine(c.Name), c.Status, phase, fmt.Sprintf("%d of %d", x.Attempts, x.Most), oneLine(why)})
	}
	if err := printTable(s.out, state); err != nil || len(r.Actions) == 0 {
		return err
	}
	fmt.Fprintln(s.out)
	done := plainTable()
	done.AppendHeader(table.Row{"AT", "NAME", "ACTION", "RESULT", "TOOK", "DETAIL"})
	for _, a := range r.Actions {
		took := ""
		if a.Ended != nil {
			took = checktypes.FormatDuration(time.Duration(a.Duration * float64(time.Second)))
		}
		done.AppendRow(table.Row{a.when(), oneLine(a.Check), oneLine(a.Action), a.Result, took, brief(a.Detail)})
	}
	return printTable(s.out, done)
}

func (a action) when() string {
	if a.At == nil {
		return ""
	}
	return a.At.Local().Format(time.DateTime)
}

// brief is the end of a text in one line.
func brief(text string) string {
	const most = 60
	r := []rune(printable(text))
	if len(r) > most {
		r = append([]rune("…"), r[len(r)-most+1:]...)
	}
	return string(r)
}

func recoverCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recover NAME",
		Short: "Repair a component by hand",
		Long: "Has the daemon that runs the file do the next step of the check's recovery, or the\n" +
			"one that is named, whatever speaks against it, and waits for its end. It counts as\n" +
			"an attempt. Exits 0 where it worked.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("recover takes one name, got %d", len(args))}
			}
			return nil
		},
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	step := cmd.Flags().Int("step", 0, "the step, from 1; the next by default")
	dry := cmd.Flags().Bool("dry-run", false, "only say what would be done")
	cmd.RunE = func(_ *cobra.Command, args []string) error { return byHand(s, findFile(*config), args[0], *step, *dry) }
	return cmd
}

// byHand asks for a step and waits for its end.
func byHand(s streams, file, name string, step int, dry bool) error {
	p, err := settingsOf(s, file)
	if err != nil {
		return exit(exitFailed)
	}
	c, err := socketClient(p)
	if err != nil {
		return err
	}
	query := url.Values{"step": {strconv.Itoa(step)}, "dry_run": {strconv.FormatBool(dry)}}
	code, body, err := c.do(http.MethodPost, "/-/recover/"+url.PathEscape(name)+"?"+query.Encode(), "application/json")
	if err != nil {
		return err
	}
	var a struct {
		action
		Error string `json:"error"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("the daemon answered %d, and not as polyhealth does", code)
	}
	switch {
	case code >= http.StatusBadRequest:
		return fmt.Errorf("%s: %s", name, a.Error)
	case dry:
		_, err := fmt.Fprintf(s.out, "%s: step %d would be: %s\n", name, a.Step, a.Action)
		return err
	}
	fmt.Fprintf(s.out, "%s: step %d: %s\n", name, a.Step, a.Action)
	return c.await(s, name, a.ID)
}

// beginWithin is how long it may take until an action is known to have begun.
const beginWithin = 30 * time.Second

// await waits for the end of an action and prints what became of it.
func (c *client) await(s streams, name, id string) error {
	asked := time.Now()
	for began := false; ; time.Sleep(200 * time.Millisecond) {
		var r recoveries
		if err := c.get(recoveryPath([]string{name}), &r); err != nil {
			return err
		}
		for _, a := range r.Actions {
			if a.ID != id {
				continue
			}
			if began = true; a.Ended == nil {
				continue
			}
			fmt.Fprintf(s.out, "%s after %s\n", a.Result, checktypes.FormatDuration(time.Duration(a.Duration*float64(time.Second))))
			for line := range strings.Lines(a.Detail) {
				fmt.Fprintln(s.out, oneLine(strings.TrimSuffix(line, "\n")))
			}
			if a.Result != "done" {
				return exit(exitFailed)
			}
			return nil
		}
		if !began && time.Since(asked) > beginWithin {
			return fmt.Errorf("%s: it has not begun within %s; polyhealth's log says more", name, checktypes.FormatDuration(beginWithin))
		}
	}
}
