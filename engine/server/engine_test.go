package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
	"polyhealth/schema"
)

// said is what the probes of the type `said` find: a number, or an error where it
// is negative. A test changes it.
type said struct {
	mu    sync.Mutex
	value map[string]int
}

type saidKeys struct {
	Word string `yaml:"word,required"`
}

type saidVars struct {
	checktypes.Common
	Value int `expr:"value"`
}

type saidProber struct {
	said *said
	name string
}

func (p saidProber) Close() error { return nil }
func (p saidProber) Probe(ctx context.Context, v *saidVars) error {
	if strings.HasPrefix(p.name, "slow") {
		takes, cancel := context.WithTimeout(ctx, 6*time.Millisecond)
		defer cancel()
		<-takes.Done()
	}
	p.said.mu.Lock()
	defer p.said.mu.Unlock()
	v.Value = p.said.value[p.name]
	if v.Value < 0 {
		return errors.New("nobody answers")
	}
	return nil
}

func (s *said) say(name string, value int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value[name] = value
}

func (s *said) registry() engine.Registry {
	return engine.Registry{Types: []checktypes.Type{checktypes.Define(checktypes.Definition[saidKeys, saidVars]{
		Name: "said", Doc: "Asks the test.", Short: "word",
		Open: func(_ saidKeys, env checktypes.Env) (checktypes.Prober[saidVars], error) {
			return saidProber{s, env.Name}, nil
		},
		Judge:   func(*saidKeys, *saidVars) checktypes.Status { return checktypes.Healthy },
		Summary: func(_ *saidKeys, v *saidVars) string { return fmt.Sprintf("it said %d", v.Value) },
	})}}
}

// plan compiles a file.
func (s *said) plan(t testing.TB, file string) *engine.Plan {
	t.Helper()
	r := schema.NewReader()
	env := schema.Env{Lookup: func(name string) (string, bool) { return "s3cret-" + name, true }}
	plan := engine.Compile(schema.Parse("checks.yaml", []byte(file), env, r), s.registry(), r)
	if plan == nil {
		var b strings.Builder
		_ = schema.WriteText(&b, r.Diagnostics(), false)
		t.Fatal(b.String())
	}
	return plan
}

// swap lets a file take over.
func (s *said) swap(t testing.TB, e *engine.Engine, file string) {
	t.Helper()
	change, err := e.Prepare(s.plan(t, file))
	if err != nil {
		t.Fatal(err)
	}
	change.Commit()
}

// running is a real engine that runs a file until the test ends.
func running(t testing.TB, s *said, file string) *engine.Engine {
	t.Helper()
	e := engine.New(slog.New(slog.NewTextHandler(io.Discard, nil)))
	s.swap(t, e, file)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); e.Run(ctx, 5*time.Second) }()
	t.Cleanup(func() { cancel(); <-ended })
	return e
}

const saidFile = `
defaults: {interval: 50ms, thresholds: {unhealthy: 1}}
server: {metrics_prefix: polymarket, token: "${TOKEN}"}
checks:
  low:
    said: word
    rules: {unhealthy: ['value > 9', 'error == "${WORD}"'], degraded: 'value > 5'}
    message: "said {{ value }}"
    metadata: {value: value}
    tags: ["env-${STAGE}", plain]
    description: runs as ${WHO}
  other: {said: word}
  slow: {said: word}
`

// A server over a real engine: a change shows without a restart, secrets do not,
// and a reload that takes a check away takes its series and its answers.
func TestOverARealEngine(t *testing.T) {
	s := &said{value: map[string]int{"low": 1}}
	e := running(t, s, saidFile)
	_, url := serve(t, e, Sources{}, usualLimits())

	until(t, "all is healthy", func() bool { return get(t, url, "/health").code == 200 })
	until(t, "ready", func() bool { return get(t, url, "/-/ready").code == 200 })
	s.say("low", 7)
	until(t, "low is degraded", func() bool {
		return strings.Contains(get(t, url, "/health/low").body, `"status":"degraded","message":"said 7"`)
	})
	s.say("low", 12)
	until(t, "low is unhealthy", func() bool {
		return strings.Contains(get(t, url, "/health/low").body, `"status":"unhealthy","message":"said 12"`)
	})
	for _, path := range []string{"/health", "/health/low", "/api/v1/checks", "/api/v1/checks/low", "/metrics", "/api/v1/status"} {
		if body := get(t, url, path).body; strings.Contains(body, "s3cret") {
			t.Errorf("%s shows a secret: %s", path, body)
		}
	}
	m := scraped(t, url)
	if got := m.value("polymarket_health_status", `component="low"`); got != 0 {
		t.Errorf("polymarket_health_status of low is %v", got)
	}
	if got := m.value("polyhealth_check_runs_total", `check="low"`, `status="degraded"`); got < 1 {
		t.Errorf("low was degraded %v times", got)
	}
	runs := m.value("polyhealth_check_duration_seconds_count", `check="other"`)
	if all := m.value("polyhealth_check_runs_total", `check="other"`, `status="healthy"`); runs < 1 || runs > all+1 || runs < all-1 {
		t.Errorf("%v durations of %v runs", runs, all)
	}
	if at5, all := m.value("polyhealth_check_duration_seconds_bucket", `check="slow"`, `le="0.005"`),
		m.value("polyhealth_check_duration_seconds_bucket", `check="slow"`, `le="+Inf"`); at5 != 0 || all < 1 {
		t.Errorf("of %v probes that take 6 ms, %v took less than 5", all, at5)
	}
	if sum, n := m.value("polyhealth_check_duration_seconds_sum", `check="slow"`), m.value("polyhealth_check_duration_seconds_count", `check="slow"`); sum < 0.006*n {
		t.Errorf("%v probes that take 6 ms took %v s", n, sum)
	}

	s.swap(t, e, "checks: {other: {said: word}}")
	if body := get(t, url, "/metrics").body; strings.Contains(body, `"low"`) || !strings.Contains(body, `polyhealth_health_status{component="other"}`) {
		t.Error("the metrics do not follow the reload")
	}
	if r := get(t, url, "/health/low"); r.code != 404 {
		t.Errorf("a check that was removed is answered %d", r.code)
	}
	if r := get(t, url, "/health"); strings.Contains(r.body, `"low"`) {
		t.Error("a check that was removed is still in /health")
	}
}
