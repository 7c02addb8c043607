package server

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
)

// fakeView is a View whose components a test sets.
type fakeView struct {
	mu         sync.Mutex
	components []*engine.Component
	tallies    map[string]*engine.Tally
	minutes    map[string][]engine.Minute
	version    uint64
	plan       *engine.Plan
	late       engine.Lateness
	pulse      time.Time
	stalls     int64
	renders    int // calls of Components
}

func newFakeView(components ...*engine.Component) *fakeView {
	v := &fakeView{
		tallies: map[string]*engine.Tally{}, minutes: map[string][]engine.Minute{},
		plan:  &engine.Plan{File: "checks.yaml", Server: engine.Server{DegradedStatus: 503, MetricsPrefix: "polyhealth"}},
		pulse: time.Now(),
	}
	v.set(components...)
	return v
}

// set replaces all components, as a reload does.
func (v *fakeView) set(components ...*engine.Component) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.version++
	v.components = nil
	for _, c := range components {
		copied := *c
		copied.Seq = v.version
		v.components = append(v.components, &copied)
		if v.tallies[c.Check.Name] == nil {
			v.tallies[c.Check.Name] = new(engine.Tally)
		}
	}
}

// change publishes a component anew, as a result does.
func (v *fakeView) change(name string, with func(*engine.Component)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	i := v.index(name)
	copied := *v.components[i]
	with(&copied)
	v.version++
	copied.Seq = v.version
	v.components[i] = &copied
}

func (v *fakeView) index(name string) int {
	return slices.IndexFunc(v.components, func(c *engine.Component) bool { return c.Check.Name == name })
}

func (v *fakeView) Components(dst []*engine.Component) []*engine.Component {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.renders++
	return append(dst, v.components...)
}

func (v *fakeView) Component(name string) *engine.Component {
	v.mu.Lock()
	defer v.mu.Unlock()
	if i := v.index(name); i >= 0 {
		return v.components[i]
	}
	return nil
}

func (v *fakeView) Each(f func(*engine.Component, *engine.Tally)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.components {
		f(c, v.tallies[c.Check.Name])
	}
}

func (v *fakeView) Minutes(name string, _ time.Time) []engine.Minute { return v.minutes[name] }

func (v *fakeView) Version() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.version
}

func (v *fakeView) Ready() bool {
	return !slices.ContainsFunc(v.components, func(c *engine.Component) bool { return !c.Probed() })
}

func (v *fakeView) Lateness() *engine.Lateness { return &v.late }
func (v *fakeView) Running() int64             { return 3 }
func (v *fakeView) Pulse() time.Time           { return v.pulse }
func (v *fakeView) Stalls() int64              { return v.stalls }
func (v *fakeView) Plan() *engine.Plan {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.plan
}

func (v *fakeView) rendered() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.renders
}

// at is when things happen in these tests.
var at = time.Date(2026, 11, 23, 9, 26, 53, 589_000_000, time.FixedZone("", 3600))

// component is a component that has had a result.
func component(name string, status engine.Status) *engine.Component {
	return &engine.Component{
		Check: &engine.Check{
			Name: name, Type: &checktypes.Type{Name: "http"}, Interval: 30 * time.Second, Timeout: 10 * time.Second,
			Critical: true, Thresholds: engine.Thresholds{Degraded: 1, Unhealthy: 3, Healthy: 1},
		},
		Status: status, Result: status, Message: "200 in 35ms",
		Since: at.Add(-time.Hour), LastCheck: at, LastSuccess: at, Latency: 35123456 * time.Nanosecond,
	}
}

// many are n components with texts of a usual length.
func many(n int) []*engine.Component {
	all := make([]*engine.Component, n)
	for i := range all {
		status := engine.Healthy
		if i%100 == 99 {
			status = engine.Degraded
		}
		c := component(fmt.Sprintf("service-%05d", i), status)
		c.Message = "200 in 35ms, 12 markets, newest 4s ago"
		c.Rule = `degraded: latency > "800ms"`
		c.Metadata = []byte(`{"markets":12,"newest":"4s"}`)
		c.Check.Tags = []string{"prod", "eu-west"}
		all[i] = c
	}
	return all
}

var _ View = (*engine.Engine)(nil)

// serve starts a server over the view on a free port of loopback.
func serve(t testing.TB, view View, from Sources, l limits) (s *Server, url string) {
	t.Helper()
	s = newServer(view, from, l)
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(listener)
	t.Cleanup(func() { shutdown(t, s) })
	return s, "http://" + listener.Addr().String()
}
