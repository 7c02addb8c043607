package checktest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"polyhealth/checktypes"
)

// Cases are the checks that [Conform] opens. Each function returns what the
// type's NewConfig returned, filled in, and starts what the check needs: a server
// on loopback, a file in t.TempDir. What such a server starts for a connection
// must end with that connection, for else it looks like the type's own leak.
type Cases struct {
	// Good is a check whose probe works, again and again.
	Good func(t *testing.T) any
	// Hanging is a check whose target takes the probe and never answers. Nil
	// where there is no such thing.
	Hanging func(t *testing.T) any
	// Dead is a check whose target refuses the probe at once. Nil where there is
	// no such thing.
	Dead func(t *testing.T) any
}

// Deadlines of the probes of Conform, and how long after one a probe may return.
const (
	shortly = 300 * time.Millisecond
	amply   = 20 * time.Second
	slack   = 2 * time.Second
)

// Conform runs what every check type must pass. Call it from the type's own
// folder, once, in a test that is not parallel (leaks are counted process-wide):
//
//	func TestConform(t *testing.T) {
//		checktest.Conform(t, Type, checktest.Cases{
//			Good:    func(t *testing.T) any { return config(answering(t)) },
//			Hanging: func(t *testing.T) any { return config(silent(t)) },
//		})
//	}
//
// It demands that
//
//   - the type is named as its folder, its keys and variables have tags, and two
//     NewConfigs share nothing;
//   - a good probe fills the variables, also where no variable is read, is judged
//     and described, and works again;
//   - a hanging or dead target makes an error, in words, by the deadline, and a
//     cancelled context ends a probe at once;
//   - Close works without a Probe and after one of any outcome, and leaves
//     neither goroutine, file descriptor nor shared resource behind.
func Conform(t *testing.T, typ checktypes.Type, cases Cases) {
	t.Helper()
	t.Run("shape", func(t *testing.T) {
		folder, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range shapeProblems(typ, folder) {
			t.Error(problem)
		}
	})
	for _, s := range scenarios {
		make := s.config(cases)
		if make == nil {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			config := make(t)
			if got, want := reflect.TypeOf(config), reflect.TypeOf(typ.NewConfig()); got != want {
				t.Fatalf("the case is a %v, but NewConfig makes a %v", got, want)
			}
			for _, problem := range s.problems(typ, config, t.TempDir()) {
				t.Error(problem)
			}
		})
	}
}

// A scenario opens one check, probes it, and closes it.
type scenario struct {
	name    string
	config  func(Cases) func(*testing.T) any
	timeout time.Duration
	uses    func(string) bool // of the Env
	run     func(p checktypes.Probe, timeout time.Duration) []string
}

func good(c Cases) func(*testing.T) any    { return c.Good }
func hanging(c Cases) func(*testing.T) any { return c.Hanging }
func dead(c Cases) func(*testing.T) any    { return c.Dead }

func nothing(string) bool { return false }

var scenarios = []scenario{
	{"good", good, amply, nil, twice},
	{"good, nothing read", good, amply, nothing, twice},
	{"close without probe", good, amply, nil, func(checktypes.Probe, time.Duration) []string { return nil }},
	{"hanging", hanging, shortly, nil, failing},
	{"hanging, twice", hanging, shortly, nil, func(p checktypes.Probe, d time.Duration) []string {
		return append(failing(p, d), failing(p, d)...)
	}},
	{"hanging, cancelled before", hanging, amply, nil, cancelled(0)},
	{"hanging, cancelled during", hanging, amply, nil, cancelled(shortly)},
	{"dead", dead, shortly, nil, failing},
}

// members are two other checks that are well, for types that are judged by such.
func members() ([]checktypes.Member, error) {
	return []checktypes.Member{
		{Name: "one", Status: "healthy", Message: "fine", Tags: []string{"a"}, Since: time.Now()},
		{Name: "two", Status: "healthy", Message: "fine", Since: time.Now()},
	}, nil
}

// problems runs the scenario and says what is wrong, leaks included.
func (s scenario) problems(typ checktypes.Type, config any, dir string) (found []string) {
	shared := &checktypes.Shared{}
	before, files := goleak.IgnoreCurrent(), openFiles()
	p, err := typ.Open(config, checktypes.Env{
		Name: "conform", Dir: dir, Timeout: s.timeout, Uses: s.uses,
		Shared: shared, Log: slog.New(slog.DiscardHandler), Members: members,
	})
	if err != nil {
		return []string{"Open: " + err.Error()}
	}
	found = s.run(p, s.timeout)
	if err := p.Close(); err != nil {
		found = append(found, "Close: "+err.Error())
	}
	if n := shared.Len(); n > 0 {
		found = append(found, fmt.Sprintf("%d shared resources are left after Close", n))
	}
	if err := goleak.Find(before); err != nil {
		found = append(found, "after Close: "+err.Error())
	}
	return append(found, leakedFiles(files)...)
}

// twice probes a target that works.
func twice(p checktypes.Probe, timeout time.Duration) (found []string) {
	for range 2 {
		facts, _, err := run(context.Background(), p, timeout)
		if err != nil {
			return append(found, "a good probe failed: "+err.Error())
		}
		facts.Common().Latency = 35 * time.Millisecond
		if got := facts.Judge(); got != checktypes.Healthy {
			found = append(found, "a good probe without rules is judged "+got.String())
		}
		if s := facts.Summary(); s == "" || strings.TrimSpace(s) != s {
			found = append(found, fmt.Sprintf("a good probe is described as %q", s))
		}
	}
	return found
}

// failing probes a target that does not answer, to the deadline.
func failing(p checktypes.Probe, timeout time.Duration) []string {
	facts, took, err := run(context.Background(), p, timeout)
	return failure(facts, err, took-timeout)
}

// cancelled is failing, where the context is cancelled after a while.
func cancelled(after time.Duration) func(checktypes.Probe, time.Duration) []string {
	return func(p checktypes.Probe, timeout time.Duration) []string {
		ctx, cancel := context.WithCancel(context.Background())
		if after == 0 {
			cancel()
		} else {
			defer time.AfterFunc(after, cancel).Stop()
		}
		defer cancel()
		facts, took, err := run(ctx, p, timeout)
		return failure(facts, err, took-after)
	}
}

// run probes once, and measures it.
func run(ctx context.Context, p checktypes.Probe, timeout time.Duration) (checktypes.Facts, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	facts, err := p.Run(ctx)
	return facts, time.Since(start), err
}

// failure says what is wrong with how a probe failed, late after it should have.
func failure(facts checktypes.Facts, err error, late time.Duration) (found []string) {
	if late > slack {
		found = append(found, fmt.Sprintf("the probe returned %v late", late))
	}
	if err == nil {
		return append(found, "a probe that cannot work returned no error")
	}
	if facts == nil {
		found = append(found, "a failed probe returned no facts")
	}
	return append(found, messageProblems(err.Error())...)
}
