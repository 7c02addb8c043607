package recovery

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

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A stage is an engine and an actor with all they need to live, in simulated time. It
// stands in for what is probed and repaired.
type stage struct {
	t     *testing.T
	began time.Time
	plan  *engine.Plan

	engine *engine.Engine
	actor  *Actor
	stop   func()

	mu     sync.Mutex
	sick   map[string]bool                                                            // what is probed fails
	ours   map[string]bool                                                            // it cannot be probed
	held   map[string]string                                                          // why nothing may be done
	early  map[string]string                                                          // why a step is not ready
	how    func(context.Context, Occasion) (result engine.RecoveryResult, say string) // nil: done, at once
	done   []engine.RecoveryAction                                                    // that began, as the Doer sees them
	memory memory

	results []*engine.Component // as each result left them
}

// memory is a Memory that outlives actors. It keeps what it is told at once, or refuses
// to.
type memory struct {
	mu      sync.Mutex
	ladders map[string]engine.RecoveryLadder
	actions map[int64]engine.RecoveryAction
	order   []int64
	refuses error
	silent  bool // it never answers
}

func (m *memory) LoadRecovery(_ context.Context, since time.Time) (ls []engine.RecoveryLadder, as []engine.RecoveryAction, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.ladders {
		ls = append(ls, l)
	}
	for _, id := range m.order {
		if a := m.actions[id]; !a.At.Before(since) {
			as = append(as, a)
		}
	}
	return ls, as, nil
}

func (m *memory) SaveLadder(l engine.RecoveryLadder) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ladders[l.Component] = l
}

func (m *memory) BeginAction(a engine.RecoveryAction, l engine.RecoveryLadder, kept func(error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.silent:
	case m.refuses != nil:
		go kept(m.refuses)
	default:
		m.ladders[l.Component], m.actions[a.ID] = l, a
		m.order = append(m.order, a.ID)
		go kept(nil)
	}
}

func (m *memory) EndAction(a engine.RecoveryAction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.actions[a.ID] = a
}

// all is every action, oldest first.
func (m *memory) all() (as []engine.RecoveryAction) {
	_, as, _ = m.LoadRecovery(context.Background(), time.Time{})
	return as
}

type keys struct {
	Word string `yaml:"word,required"`
}

type vars struct{ checktypes.Common }

type prober struct {
	s    *stage
	name string
}

func (p prober) Close() error { return nil }
func (p prober) Probe(context.Context, *vars) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	switch {
	case p.s.ours[p.name]:
		return checktypes.OwnFault(errors.New("no file descriptors"))
	case p.s.sick[p.name]:
		return errors.New("it is sick")
	}
	return nil
}

// newStage compiles a file. Nothing runs yet.
func newStage(t *testing.T, file string) *stage {
	t.Helper()
	s := &stage{t: t, began: time.Now(), sick: map[string]bool{}, ours: map[string]bool{}, held: map[string]string{}, early: map[string]string{}}
	s.memory.ladders, s.memory.actions = map[string]engine.RecoveryLadder{}, map[int64]engine.RecoveryAction{}
	s.plan = s.compiled(file)
	return s
}

func (s *stage) compiled(file string) *engine.Plan {
	s.t.Helper()
	r := schema.NewReader()
	lookup := func(string) (string, bool) { return "hunter22", true }
	plan := engine.Compile(schema.Parse("checks.yaml", []byte(file), schema.Env{Lookup: lookup}, r), engine.Registry{
		Types: []checktypes.Type{checktypes.Define(checktypes.Definition[keys, vars]{
			Name: "said", Doc: "Asks the test.", Short: "word",
			Open:    func(_ keys, env checktypes.Env) (checktypes.Prober[vars], error) { return prober{s, env.Name}, nil },
			Judge:   func(*keys, *vars) checktypes.Status { return checktypes.Healthy },
			Summary: func(*keys, *vars) string { return "it is well" },
		})}}, r)
	if plan == nil {
		var b strings.Builder
		_ = schema.WriteText(&b, r.Diagnostics(), false)
		s.t.Fatal(b.String())
	}
	return plan
}

// start begins a life of polyhealth.
func (s *stage) start() {
	s.t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s.actor = New(Options{Log: log, Engine: late{s}, Memory: &s.memory, Doer: s, Held: s.heldBy})
	saved := map[string]engine.Saved{}
	if s.engine != nil {
		for _, c := range s.engine.Components(nil) {
			saved[c.Check.Name] = engine.Saved{State: engine.State{
				Reported: c.Status, Level: c.Status, Since: c.Since, LastCheck: c.LastCheck, Failures: c.Failures, Worst: c.Failures, LastStatus: c.Result,
			}}
		}
	}
	s.engine = engine.New(log, s, s.actor)
	s.engine.Restore(saved)
	s.swap(s.plan)
	ctx, cancel := context.WithCancel(s.t.Context())
	var both sync.WaitGroup
	both.Go(func() { s.engine.Run(ctx, time.Second) })
	both.Go(func() { s.actor.Run(ctx) })
	s.stop = func() { cancel(); both.Wait() }
}

func (s *stage) swap(p *engine.Plan) {
	change, err := s.engine.Prepare(p)
	if err != nil {
		s.t.Fatal(err)
	}
	change.Commit()
	s.actor.Commit(p)
}

// late is the engine, which is made after the actor.
type late struct{ *stage }

func (l late) Components(dst []*engine.Component) []*engine.Component {
	return l.engine.Components(dst)
}
func (l late) Component(name string) *engine.Component { return l.engine.Component(name) }
func (l late) Recovering(name string, r *engine.Recovering, settled time.Time) {
	l.engine.Recovering(name, r, settled)
}

func (s *stage) heldBy(c *engine.Component, _ time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[c.Check.Name]
}

// Ready implements Doer.
func (s *stage) Ready(_ context.Context, step engine.RecoveryStep) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.early[step.String()]
}

// Do implements Doer.
func (s *stage) Do(ctx context.Context, _ engine.RecoveryStep, of Occasion) (engine.RecoveryResult, string) {
	s.mu.Lock()
	s.done = append(s.done, of.Action)
	how := s.how
	s.mu.Unlock()
	if how == nil {
		return engine.RecoveryDone, ""
	}
	return how(ctx, of)
}

// Observe keeps every result.
func (s *stage) Observe(ev engine.Event) {
	s.set(func() { s.results = append(s.results, ev.Component) })
}

// set changes what the stage stands in for.
func (s *stage) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// story is what was done, a line each: "1m30s trader 1 run ./a".
func (s *stage) story() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, a := range s.done {
		fmt.Fprintf(&b, "%s %s %d %s\n", a.At.Sub(s.began).Round(time.Second), a.Component, a.Attempt, a.Action)
	}
	return b.String()
}

// shows is what is shown of a component.
func (s *stage) shows(name string) engine.Recovering {
	r := s.engine.Component(name).Recovering
	if r == nil {
		return engine.Recovering{}
	}
	return *r
}
