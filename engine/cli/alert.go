package cli

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
	"polyhealth/engine/alert"
	alertall "polyhealth/engine/alert/all"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func alertCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alert",
		Short: "Try the places that alerts go to",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	test := &cobra.Command{
		Use:   "test ROUTE",
		Short: "Send a test message by a route",
		Long: "Sends a message that is plainly a test to each notifier of a route of the file, and\n" +
			"prints what each answers. No daemon is needed.",
		Args: one("route"),
	}
	config := configFlag(test)
	test.RunE = func(cmd *cobra.Command, args []string) error {
		return tryRoute(cmd.Context(), s, findFile(*config), args[0])
	}
	cmd.AddCommand(test)
	return cmd
}

func tryRoute(ctx context.Context, s streams, file, name string) error {
	plan, err := planOf(s, file)
	if err != nil {
		return err
	}
	route, err := routeOf(plan, name)
	if err != nil {
		return err
	}
	log := slog.New(redacting(slog.NewTextHandler(s.err, nil), plan.Secrets.Redact))
	failed := false
	for _, nc := range route.Notifiers {
		err := alert.Try(ctx, nc, alert.Env{Route: name, Dir: plan.Dir, Log: log}, alertall.Kinds())
		if err == nil {
			fmt.Fprintf(s.out, "%s: taken\n", nc.Type)
			continue
		}
		failed = true
		fmt.Fprintf(s.out, "%s: not taken: %s\n", nc.Type, plan.Secrets.Redact(err.Error()))
	}
	if failed {
		return exit(exitFailed)
	}
	return nil
}

// planOf is the plan of a file. Its mistakes have been printed where there is none.
func planOf(s streams, file string) (*engine.Plan, error) {
	l, err := load(file, s.in)
	if err != nil {
		return nil, err
	}
	if l.plan == nil {
		if err := schema.WriteText(s.err, l.Diagnostics(), colored(s.err)); err != nil {
			return nil, err
		}
		return nil, exit(exitFailed)
	}
	return l.plan, nil
}

// routeOf is the named route of a plan.
func routeOf(p *engine.Plan, name string) (*engine.Route, error) {
	known := make([]string, len(p.Routes))
	for i, r := range p.Routes {
		if known[i] = r.Name; r.Name == name {
			return r, nil
		}
	}
	err := fmt.Errorf("there is no route %q", name)
	if hint := schema.DidYouMean(name, known); hint != "" {
		err = fmt.Errorf("%w: %s", err, hint)
	}
	return nil, usageError{err}
}

func routesCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "routes NAME",
		Short: "Show which routes would tell of a check",
		Long: "Says for each route of the file what it would tell if the named check reported a\n" +
			"status, now or at another time, and why it would not. Nothing is sent.",
		Args:              one("check"),
		ValidArgsFunction: completeNames,
	}
	config := configFlag(cmd)
	status := &choice{words: []string{"unhealthy", "degraded", "unknown"}, value: "unhealthy"}
	cmd.Flags().Var(status, "status", "what the check reports: "+joinOr(status.words))
	at := cmd.Flags().String("at", "", "when, as 2026-01-31T12:00:00Z; now by default")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		now := time.Now()
		if *at != "" {
			var err error
			if now, err = time.Parse(time.RFC3339, *at); err != nil {
				return usageError{fmt.Errorf("--at wants a time such as 2026-01-31T12:00:00Z, got %q", *at)}
			}
		}
		return routes(s, findFile(*config), args[0], status.value, now)
	}
	return cmd
}

func routes(s streams, file, name, status string, now time.Time) error {
	plan, err := planOf(s, file)
	if err != nil {
		return err
	}
	found, err := pick(plan.Checks, []string{name})
	if err != nil {
		return err
	}
	c := &engine.Component{Check: found[0], LastCheck: now, Since: now}
	c.Status, _ = checktypes.ParseStatus(status)
	if len(plan.Routes) == 0 {
		fmt.Fprintln(s.out, "the file declares no routes")
	}
	for _, r := range plan.Routes {
		fmt.Fprintf(s.out, "%s: %s\n", r.Name, alert.Explain(r, c, now))
	}
	return nil
}
