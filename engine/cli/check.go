package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"polyhealth/engine"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func checkCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [NAME…]",
		Short: "Probe once, now, and print what was found",
		Long: "Probes the named checks once, or all, without a daemon, and prints what was\n" +
			"found. Thresholds do not apply: one bad result is shown as it is. Exits 0 when\n" +
			"all is healthy, 1 degraded, 2 unhealthy, 3 unknown, as a Nagios plugin does.\n" +
			"Rules that look back find no earlier result here.",
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	format := formatFlag(cmd, "table", "json", "nagios")
	explain := cmd.Flags().Bool("explain", false, "say which rules were tried, how each came out and by what values")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		return check(s, findFile(*config), names, format.value, *explain)
	}
	return cmd
}

// configFlag adds --config.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "", "the file (default "+defaultFile+", else "+systemFile+")")
}

func check(s streams, file string, names []string, format string, explain bool) error {
	plan, err := mustLoad(s, file, exitUnknown)
	if err != nil {
		return err
	}
	checks, err := pick(plan.Checks, names)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	found := probeAll(ctx, s, plan, checks, explain)
	if ctx.Err() != nil {
		return exit(130) // as a shell says of SIGINT
	}
	r := report{Components: found}
	r.Status = overall(found, len(names) > 0)
	if err := r.print(s.out, format); err != nil {
		return err
	}
	if explain && format == "table" {
		if err := r.explain(s.out); err != nil {
			return err
		}
	}
	return exitOf(r.Status)
}

// mustLoad loads a file, and where it cannot or the file holds mistakes, prints why and
// has the command exit with a code.
func mustLoad(s streams, file string, code int) (*engine.Plan, error) {
	l, err := load(file, s.in)
	if err != nil {
		fmt.Fprintf(s.err, "polyhealth: %v\n", err)
		return nil, exit(code)
	}
	if l.plan == nil {
		if err := schema.WriteText(s.err, l.Diagnostics(), colored(s.err)); err != nil {
			return nil, err
		}
		return nil, exit(code)
	}
	return l.plan, nil
}

// pick is the named checks, in the file's order, or all.
func pick(checks []*engine.Check, names []string) ([]*engine.Check, error) {
	if len(names) == 0 {
		return checks, nil
	}
	known := make([]string, len(checks))
	for i, c := range checks {
		known[i] = c.Name
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, usageError{noSuchCheck(name, known)}
		}
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c *engine.Check) bool {
		return !slices.Contains(names, c.Name)
	}), nil
}

func noSuchCheck(name string, known []string) error {
	err := fmt.Errorf("there is no check %q", name)
	if hint := schema.DidYouMean(name, known); hint != "" {
		err = fmt.Errorf("%w: %s", err, hint)
	}
	return err
}

// probeAll probes the checks and returns their rows in the same order, telling a
// terminal meanwhile how far it is.
func probeAll(ctx context.Context, s streams, plan *engine.Plan, checks []*engine.Check, explain bool) []row {
	e := engine.New(quietLog(s, plan))
	var done atomic.Int64
	all := engine.Judged(plan.Checks, checks)
	stop := progress(s, &done, len(all))
	byName := map[string]row{}
	e.Find(ctx, all, func(f *engine.Finding) {
		r := rowOf(f.Component)
		if explain {
			r.Reason, r.Rules = f.Reason(), f.Trials()
		}
		byName[f.Check.Name] = r
		done.Add(1)
	})
	stop()
	rows := make([]row, 0, len(checks))
	for _, c := range checks {
		if r, ok := byName[c.Name]; ok {
			rows = append(rows, r)
		}
	}
	return rows
}

// quietLog is for what goes wrong with polyhealth itself while a command probes.
func quietLog(s streams, plan *engine.Plan) *slog.Logger {
	return slog.New(redacting(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelError}), plan.Secrets.Redact))
}

// progress keeps one line of a terminal current until the returned function is
// called, which clears it.
func progress(s streams, done *atomic.Int64, total int) (stop func()) {
	if !terminal(s.err) {
		return func() {}
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				fmt.Fprint(s.err, "\r\x1b[K")
				return
			case <-tick.C:
				fmt.Fprintf(s.err, "\rprobing: %d of %d done\x1b[K", done.Load(), total)
			}
		}
	}()
	return func() { close(quit); <-over }
}

func rowOf(c *engine.Component) row {
	return row{
		Name: c.Check.Name, Status: c.Status, Message: c.Message, Rule: c.Why(),
		LatencyMS: float64(c.Latency.Microseconds()) / 1000, LastCheck: stamp(c.LastCheck),
		LastSuccess: stamp(c.LastSuccess), Failures: c.Failures, Metadata: metadata(c),
		Since: stamp(c.Since), Critical: c.Check.Critical,
	}
}

func metadata(c *engine.Component) []byte {
	if c.Metadata == nil {
		return []byte("{}")
	}
	return c.Metadata
}

// stamp is t in UTC, or nil for no time.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// completeNames completes the names of a file's checks.
func completeNames(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	config, _ := cmd.Flags().GetString("config")
	l, err := load(findFile(config), cmd.InOrStdin())
	if err != nil || l.plan == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := make([]string, len(l.plan.Checks))
	for i, c := range l.plan.Checks {
		names[i] = c.Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
