package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"polyhealth/engine"
	"polyhealth/engine/rule"
	"polyhealth/engine/store"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func evalCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval NAME EXPR",
		Short: "Probe a check once and try an expression on what was found",
		Long: "Probes the named check once, now, and evaluates an expression over its rule\n" +
			"variables: what a rule, a message or a metadata value would find. Prints the\n" +
			"value, and what was read to come to it. Of earlier results it knows what is in\n" +
			"the daemon's database: latencies and statuses, but no other values, so that rate,\n" +
			"delta and changed find none. Exits 1 where the expression holds a mistake or has\n" +
			"no value, or the probe failed and the expression does not read error.",
		Example: "  polyhealth eval shop 'latency > \"800ms\" or len(json.errors) > 0'\n" +
			"  polyhealth explain functions",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{fmt.Errorf("eval takes a check's name and an expression, in quotes, got %s", count(len(args), "argument"))}
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeNames(cmd, args, word)
		},
	}
	config := configFlag(cmd)
	format := formatFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return eval(s, findFile(*config), args[0], args[1], format.value)
	}
	return cmd
}

func eval(s streams, file, name, src, format string) error {
	plan, err := mustLoad(s, file, exitFailed)
	if err != nil {
		return err
	}
	checks, err := pick(plan.Checks, []string{name})
	if err != nil {
		return err
	}
	q, mistakes := checks[0].Ask(src)
	if q == nil {
		if format == "text" {
			s.out = s.err
		}
		if err := printMistakes(s, inExpression(src, mistakes), format); err != nil {
			return err
		}
		return exit(exitFailed)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var found *engine.Finding
	all := engine.Judged(plan.Checks, []*engine.Check{q.Check})
	e := engine.New(quietLog(s, plan))
	if window, back := q.LooksBack(); back {
		e.Restore(recall(ctx, s, plan, q, window))
	}
	e.Find(ctx, all, func(f *engine.Finding) {
		if f.Check == q.Check {
			found = f
		}
	})
	if found == nil {
		return exit(130) // as a shell says of SIGINT
	}
	return answer(s, found, q, format)
}

// recall tells a question of the results that the daemon's database knows, and returns
// the state that they led to.
func recall(ctx context.Context, s streams, plan *engine.Plan, q *engine.Question, window time.Duration) map[string]engine.Saved {
	state, results, err := store.Glimpse(ctx, databasePath(plan), q.Check.Name, time.Now().Add(-window), 2*rule.MaxKept)
	if err != nil {
		fmt.Fprintf(s.err, "polyhealth: no earlier results are known: %v\n", err)
		return nil
	}
	q.Recall(results)
	return map[string]engine.Saved{q.Check.Name: {State: state}}
}

// answer prints what a question comes to.
func answer(s streams, f *engine.Finding, q *engine.Question, format string) error {
	a, failure := f.Answer(q)
	if failure != nil {
		fmt.Fprintf(s.err, "polyhealth: %s: %s\n", oneLine(f.Check.Name), oneLine(failure.Error()))
		for _, r := range a.Readings {
			fmt.Fprintf(s.err, "  %s\n", readings([]rule.Reading{r}))
		}
		return exit(exitFailed)
	}
	if format == "json" {
		enc := json.NewEncoder(s.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(struct {
			Value    json.RawMessage `json:"value"`
			Readings []rule.Reading  `json:"readings"`
		}{a.Value, a.Readings})
	}
	fmt.Fprintln(s.out, legible(a.Value))
	for _, r := range a.Readings {
		fmt.Fprintf(s.out, "  %s\n", readings([]rule.Reading{r}))
	}
	return nil
}

// legible is JSON for a terminal: with < and > as they are, and with what would move
// its cursor or turn its text around written out.
func legible(value []byte) string {
	var v any
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if dec.Decode(&v) != nil || enc.Encode(v) != nil {
		return string(value)
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			fmt.Fprintf(&out, "\\u%04x", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// inExpression are mistakes at their places in an expression that stands in no file.
func inExpression(src string, mistakes []rule.Mistake) []schema.Diagnostic {
	all := make([]schema.Diagnostic, len(mistakes))
	for i, m := range mistakes {
		begin := strings.LastIndexByte(src[:m.Offset], '\n') + 1
		line, _, _ := strings.Cut(src[begin:], "\n")
		wrong := src[m.Offset:min(m.Offset+m.Width, begin+len(line))]
		all[i] = schema.Diagnostic{
			File: "<expression>", Line: strings.Count(src[:begin], "\n") + 1,
			Column: utf8.RuneCountInString(src[begin:m.Offset]) + 1, Width: max(1, utf8.RuneCountInString(wrong)),
			Severity: schema.Error, Message: m.Message, Hint: m.Hint, Source: line,
		}
	}
	return all
}
