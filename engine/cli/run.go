package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func runCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [FILE]",
		Short: "Run the daemon",
		Long: "Probes what the file declares and serves its health until SIGTERM or SIGINT.\n" +
			"FILE defaults to checks.yaml here, else to /etc/polyhealth/checks.yaml. SIGHUP,\n" +
			"and every change of the file, reloads it.",
		Args: atMostOne,
	}
	format := &choice{words: []string{"text", "json"}, value: "text"}
	cmd.Flags().Var(format, "log-format", "how to log: "+joinOr(format.words))
	level := &choice{words: []string{"debug", "info", "warn", "error"}, value: "info"}
	cmd.Flags().Var(level, "log-level", "what to log: "+joinOr(level.words)+" and worse")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		named := ""
		if len(args) > 0 {
			named = args[0]
		}
		return run(s, findFile(named), format.value, level.value)
	}
	return cmd
}

// run is the daemon from start to stop.
func run(s streams, file, format, level string) error {
	var lowest slog.Level
	_ = lowest.UnmarshalText([]byte(level))
	journal := os.Getenv("JOURNAL_STREAM") != ""

	l, err := load(file, s.in)
	if err != nil {
		fmt.Fprintf(s.err, "polyhealth: %v\n", err)
		return exit(exitBadFile)
	}
	if err := schema.WriteText(s.err, l.Diagnostics(), colored(s.err)); err != nil {
		return err
	}
	if l.plan == nil {
		return exit(exitBadFile)
	}
	d := newDaemon(l, newLog(s.err, format, lowest, journal))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err = d.run(ctx)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
