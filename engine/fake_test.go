package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

// target is what probes of the test's type meet, by the check's name. It stands
// in for the network, so that time can be simulated around it.
type target struct {
	mu     sync.Mutex
	behave map[string]func(ctx context.Context, n int) (value int, err error)
	starts map[string][]time.Time
	closed map[string]int
	opened map[string]int
	twice  bool             // two probes of one check ran at once
	judge  *checktypes.Type // one more type, or nil
	busy   map[string]bool
}

func newTarget() *target {
	return &target{
		behave: map[string]func(context.Context, int) (int, error){}, starts: map[string][]time.Time{},
		closed: map[string]int{}, opened: map[string]int{}, busy: map[string]bool{},
	}
}

type fakeKeys struct {
	// URL is a key.
	URL string `yaml:"url,required"`
	// Size is another.
	Size int `yaml:"size"`
}

type fakeVars struct {
	checktypes.Common
	// Value is what the target said.
	Value int `expr:"value"`
	// Data is of any shape.
	Data map[string]any `expr:"data"`
}

type fakeProber struct {
	t    *target
	name string
}

func (p fakeProber) Probe(ctx context.Context, v *fakeVars) (err error) {
	p.t.mu.Lock()
	n := len(p.t.starts[p.name])
	p.t.starts[p.name] = append(p.t.starts[p.name], time.Now())
	p.t.twice = p.t.twice || p.t.busy[p.name]
	p.t.busy[p.name] = true
	behave := p.t.behave[p.name]
	p.t.mu.Unlock()
	defer func() {
		p.t.mu.Lock()
		p.t.busy[p.name] = false
		p.t.mu.Unlock()
	}()
	if behave == nil {
		return nil
	}
	v.Value, err = behave(ctx, n)
	return err
}

func (p fakeProber) Close() error {
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	p.t.closed[p.name]++
	return nil
}

// startsOf is when the named check's probes began, once all that is due has
// happened.
func (t *target) startsOf(name string) []time.Time {
	synctest.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.starts[name])
}

// counts is how often the named check's probes were opened and closed.
func (t *target) counts(name string) (opened, closed int) {
	synctest.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.opened[name], t.closed[name]
}

func (t *target) registry() Registry {
	typ := checktypes.Define(checktypes.Definition[fakeKeys, fakeVars]{
		Name: "fake", Doc: "Asks a test.", Short: "url",
		Defaults: fakeKeys{Size: 7},
		Check: func(c *fakeKeys, n *schema.Node, r *schema.Reader) {
			if c.URL == "bad" {
				r.Errorf(n.Near("url"), "", "bad url")
			}
		},
		Open: func(c fakeKeys, env checktypes.Env) (checktypes.Prober[fakeVars], error) {
			if c.URL == "unopenable" {
				return nil, errors.New("cannot open")
			}
			t.mu.Lock()
			defer t.mu.Unlock()
			t.opened[env.Name]++
			return fakeProber{t, env.Name}, nil
		},
		Judge: func(_ *fakeKeys, v *fakeVars) checktypes.Status {
			if v.Value >= 400 {
				return checktypes.Unhealthy
			}
			return checktypes.Healthy
		},
		Summary: func(_ *fakeKeys, v *fakeVars) string { return fmt.Sprintf("value %d", v.Value) },
	})
	types := []checktypes.Type{typ}
	if t.judge != nil {
		types = append(types, *t.judge)
	}
	unitName := func(name string) (full, message, hint string) {
		if strings.Contains(name, "/") {
			return name, fmt.Sprintf("%q is no unit", name), ""
		}
		return name, "", ""
	}
	return Registry{Types: types, UnitName: unitName, Notifiers: []NotifierType{{
		Name: "pager", NewConfig: func() any { return &pagerKeys{} },
	}}}
}

type pagerKeys struct {
	Token schema.Secret `yaml:"token,required"`
}

// compiled compiles a file; every mistake fails the test.
func compiled(t testing.TB, tg *target, src string) *Plan {
	t.Helper()
	plan, text := tryCompile(tg, src, nil)
	if plan == nil {
		t.Fatal(text)
	}
	return plan
}

func tryCompile(tg *target, src string, env map[string]string) (*Plan, string) {
	r := schema.NewReader()
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	doc := schema.Parse("checks.yaml", []byte(src), schema.Env{Lookup: lookup}, r)
	plan := Compile(doc, tg.registry(), r)
	var b strings.Builder
	_ = schema.WriteText(&b, r.Diagnostics(), false)
	return plan, b.String()
}

// recorder is a Sink that keeps everything.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) Observe(ev Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, ev)
}

func (r *recorder) of(name string) (evs []Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.events {
		if ev.Check.Name == name {
			evs = append(evs, ev)
		}
	}
	return evs
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// apply makes the engine run a file.
func apply(t testing.TB, e *Engine, p *Plan) Diff {
	t.Helper()
	c, err := e.Prepare(p)
	if err != nil {
		t.Fatal(err)
	}
	c.Commit()
	return c.Diff()
}
