package alert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
	"polyhealth/schema"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A stage is a dispatcher with all it needs to live, in simulated time: one
// route, "ops", to one notifier, "fake", unless a test adds others.
type stage struct {
	t      *testing.T
	start  time.Time
	memory *memory
	log    *logBuffer
	plan   *engine.Plan
	checks map[string]*engine.Check
	known  map[string]*engine.Component
	seq    uint64

	d    *Dispatcher
	stop func()

	mu   sync.Mutex
	said []string                // "5s ops/fake firing a unhealthy"
	full []Message               // the same
	how  func(m Message) Outcome // nil: Sent

	grace time.Duration // of a stop

	probes []string // that were asked for
	flaps  bool     // as results come now
}

// memory is a Memory that outlives dispatchers.
type memory struct {
	mu    sync.Mutex
	all   map[string]engine.Notified
	slow  bool // nothing is kept for now
	after []func()

	records  []string // "firing a sent 1 NOTE"
	silences []engine.Silence
}

func (m *memory) LoadNotified(context.Context) (all []engine.Notified, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.all {
		n.At = time.UnixMilli(n.At.UnixMilli()) // as a database keeps it
		all = append(all, n)
	}
	return all, nil
}

func (m *memory) SaveNotified(n engine.Notified) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := n.Component + "|" + n.Route + "|" + n.Notifier
	if m.all[key] = n; n.At.IsZero() && !n.Trying {
		delete(m.all, key)
	}
}

func (m *memory) LoadSilences() (all []engine.Silence, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.silences), nil
}

func (m *memory) SaveSilence(s engine.Silence) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silences = append(m.silences, s)
	return nil
}

func (m *memory) ForgetSilence(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silences = slices.DeleteFunc(m.silences, func(s engine.Silence) bool { return s.ID == id })
	return nil
}

func (m *memory) RecordAlert(r engine.AlertRecord) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = append(m.records, fmt.Sprintf("%s %s %s %d %s", r.Event, r.Component, r.Outcome, r.Attempts, r.Note))
}

// After is at once, as long as the memory is not slow.
func (m *memory) After(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.after = append(m.after, f); !m.slow {
		go m.keep()
	}
}

// keep does what is to be done after all was kept.
func (m *memory) keep() {
	m.mu.Lock()
	all := m.after
	m.after = nil
	m.mu.Unlock()
	for _, f := range all {
		f()
	}
}

func (m *memory) size() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}

// logBuffer is a log that may be read meanwhile.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) count(text string) int { return strings.Count(l.String(), text) }

// fakeConfig is the fake notifier's keys.
type fakeConfig struct {
	To string `yaml:"to"`
}

type fake struct {
	stage *stage
	name  string
}

func (f *fake) Send(ctx context.Context, m Message) Outcome {
	s := f.stage
	s.mu.Lock()
	how := s.how
	s.mu.Unlock()
	out := Sent()
	if how != nil {
		out = how(m)
	}
	if out.result == sent {
		s.mu.Lock()
		defer s.mu.Unlock()
		what := m.Status.String()
		if m.Gone != "" {
			what = "(" + m.Gone + ")"
		}
		s.said = append(s.said, fmt.Sprintf("%s %s/%s %s %s %s", time.Since(s.start).Round(time.Millisecond), m.Route, f.name, m.Event, m.Check, what))
		s.full = append(s.full, m)
	}
	return out
}

// kind is a kind of fake notifiers. Its Open fails for the key to: broken.
func (s *stage) kind(name string) Kind {
	return Define(Definition[fakeConfig]{Name: name, Open: func(c fakeConfig, _ Env) (Notifier, error) {
		if c.To == "broken" {
			return nil, errors.New("cannot open s3cret")
		}
		return &fake{s, name}, nil
	}})
}

// newStage is a stage with the checks a, b and c, whose route alerts on the
// given statuses. It is not lit: call restart.
func newStage(t *testing.T, on ...engine.Status) *stage {
	s := &stage{
		t: t, start: time.Now(), grace: 10 * time.Second, memory: &memory{all: map[string]engine.Notified{}}, log: &logBuffer{},
		checks: map[string]*engine.Check{}, known: map[string]*engine.Component{},
	}
	secrets := schema.NewReader()
	secrets.Hide("s3cret")
	s.plan = &engine.Plan{Secrets: secrets.Secrets, Routes: []*engine.Route{{
		Name: "ops", On: on, Cooldown: 15 * time.Minute, Repeat: 15 * time.Minute, SendResolved: true,
		Notifiers: []engine.NotifierConfig{{Type: "fake", Config: &fakeConfig{}}},
	}}}
	for _, name := range []string{"a", "b", "c"} {
		s.addCheck(name)
	}
	t.Cleanup(func() { s.kill() })
	return s
}

func (s *stage) route() *engine.Route { return s.plan.Routes[0] }

func (s *stage) addCheck(name string) {
	c := &engine.Check{Name: name, Routes: []string{"ops"}, Tags: []string{"t-s3cret"}}
	s.checks[name] = c
	s.plan.Checks = append(s.plan.Checks, c)
	s.known[name] = &engine.Component{Check: c, Message: "not probed yet"}
}

// world is the stage as an engine would be asked.
type world struct{ *stage }

func (w world) Component(name string) *engine.Component { return w.component(name) }

func (w world) Probe(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.probes = append(w.probes, name)
}

func (s *stage) component(name string) *engine.Component {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[name]
}

// components are what the engine would have.
func (s *stage) components() (all []*engine.Component) {
	for _, c := range s.plan.Checks {
		all = append(all, s.known[c.Name])
	}
	return all
}

// restart is a new process with the same memory and the same components.
func (s *stage) restart() {
	s.kill()
	s.d = New(slog.New(slog.NewTextHandler(s.log, nil)), s.memory, world{s}, s.kind("fake"), s.kind("other"))
	s.reload()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.d.Run(ctx, s.grace)
	}()
	s.stop = func() { cancel(); <-done }
	synctest.Wait()
}

func (s *stage) kill() {
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// reload lets the plan as it is now take over.
func (s *stage) reload() {
	s.t.Helper()
	c, err := s.d.Prepare(s.plan)
	if err != nil {
		s.t.Fatal(err)
	}
	c.Commit(s.components())
	synctest.Wait()
}

// remove takes a check out of the plan.
func (s *stage) remove(name string) {
	p := *s.plan
	p.Checks = nil
	for _, c := range s.plan.Checks {
		if c.Name != name {
			p.Checks = append(p.Checks, c)
		}
	}
	s.plan = &p
}

// becomes is a result of a component.
func (s *stage) becomes(name string, status engine.Status) {
	before := s.known[name]
	s.seq++
	c := *before
	c.Status, c.Message, c.LastCheck, c.Seq, c.Failures = status, "it says "+status.String(), time.Now(), s.seq, before.Failures+1
	c.Flapping = s.flaps
	if status == engine.Healthy {
		c.Failures = 0
	}
	ev := engine.Event{Check: c.Check, Component: &c, Result: engine.Result{At: time.Now(), Status: status}}
	if before.Status != status {
		ev.Transition = &engine.Transition{From: before.Status, To: status, At: time.Now()}
	}
	if before.Status != status || before.Since.IsZero() {
		c.Since = time.Now()
	}
	ev.State = engine.State{Reported: status, Since: c.Since}
	s.mu.Lock()
	s.known[name] = &c
	s.mu.Unlock()
	if s.d != nil {
		s.d.Observe(ev)
	}
}

// at waits until so long after the start.
func (s *stage) at(d time.Duration) {
	time.Sleep(time.Until(s.start.Add(d)))
	synctest.Wait()
}

func (s *stage) answers(how func(m Message) Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.how = how
}

// lines and messages are what was said so far.
func (s *stage) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func (s *stage) messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.full)
}

// expect compares what was said.
func (s *stage) expect(want ...string) {
	s.t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, w := strings.Join(s.said, "\n"), strings.Join(want, "\n"); g != w {
		s.t.Errorf("said\n%s\nwant\n%s", g, w)
	}
}
