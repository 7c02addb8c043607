package alert

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

func TestReload(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s *stage) // after a fired, at one minute
		after  func(s *stage) // at two minutes
		want   []string       // besides a's firing
		until  time.Duration
	}{
		{"nothing changed", func(s *stage) {}, nil, nil, 10 * time.Minute},
		{"the check is removed", func(s *stage) { s.remove("a") }, nil,
			[]string{"1m0s ops/fake resolved a (is no longer watched)"}, time.Hour},
		{"and comes back at once", func(s *stage) {
			s.route().Cooldown = 20 * time.Minute
			s.remove("a")
			s.reload()
			s.addCheck("a")
		}, func(s *stage) { s.becomes("a", engine.Unhealthy) },
			[]string{"1m0s ops/fake resolved a (is no longer watched)", "2m0s ops/fake firing a unhealthy"}, 10 * time.Minute},
		{"the check leaves the route", func(s *stage) { s.checks["a"].Routes = nil }, nil,
			[]string{"1m0s ops/fake resolved a (is no longer told of here)"}, time.Hour},
		{"the route is removed", func(s *stage) { s.plan.Routes = nil }, func(s *stage) { s.becomes("a", engine.Healthy) }, nil, time.Hour},
		{"the notifier's keys change", func(s *stage) { s.route().Notifiers[0].Config = &fakeConfig{To: "new"} },
			func(s *stage) { s.becomes("a", engine.Healthy) },
			[]string{"2m0s ops/fake resolved a healthy"}, time.Hour},
		{"the list gets wider", func(s *stage) {
			s.becomes("b", engine.Degraded)
			s.route().On = append(s.route().On, engine.Degraded)
		}, nil, []string{"1m0s ops/fake firing b degraded"}, 10 * time.Minute},
		{"the list gets narrower", func(s *stage) { s.route().On = []engine.Status{engine.Degraded} },
			func(s *stage) { s.becomes("a", engine.Healthy) },
			[]string{"2m0s ops/fake resolved a healthy"}, time.Hour},
		{"the cooldown changes", func(s *stage) { s.route().Cooldown, s.route().Repeat = 5*time.Minute, 5*time.Minute }, nil,
			[]string{"5m0s ops/fake reminder a unhealthy"}, 9 * time.Minute},
		{"another notifier comes", func(s *stage) {
			s.route().Notifiers = append(s.route().Notifiers, engine.NotifierConfig{Type: "other", Config: &fakeConfig{}})
		}, nil, []string{"1m0s ops/other firing a unhealthy"}, 10 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, engine.Unhealthy)
				s.restart()
				s.becomes("a", engine.Unhealthy)
				s.at(time.Minute)
				r := *s.route() // a reload brings new values
				p := *s.plan
				p.Routes = []*engine.Route{&r}
				r.Notifiers = append([]engine.NotifierConfig{}, r.Notifiers...)
				s.plan = &p
				c.change(s)
				s.reload()
				s.at(2 * time.Minute)
				if c.after != nil {
					c.after(s)
				}
				s.at(c.until)
				s.expect(append([]string{"0s ops/fake firing a unhealthy"}, c.want...)...)
			})
		})
	}
}

// A file that a restart brings may have lost a check, or a whole route.
func TestRestartWithAnotherFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Unhealthy)
		s.at(time.Minute)
		s.remove("a")
		s.restart()
		s.expect("0s ops/fake firing a unhealthy", "0s ops/fake firing b unhealthy",
			"1m0s ops/fake resolved a (is no longer watched)")
		s.plan.Routes = nil
		s.restart()
		if n := s.memory.size(); n != 0 {
			t.Errorf("%d are remembered of a route that is no more", n)
		}
	})
}

// What happened while nothing ran, or just before a kill, is told at the start.
func TestStartTellsWhatIsTrue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(time.Minute)
		s.kill()
		s.d = nil
		s.becomes("a", engine.Healthy)
		s.becomes("b", engine.Unhealthy)
		s.at(2 * time.Minute)
		s.restart()
		s.at(3 * time.Minute)
		if len(s.lines()) != 3 {
			t.Errorf("said %v", s.lines())
		}
		for _, want := range []string{"2m0s ops/fake resolved a healthy", "2m0s ops/fake firing b unhealthy"} {
			if !strings.Contains(strings.Join(s.lines(), "\n"), want) {
				t.Errorf("said %v, not %q", s.lines(), want)
			}
		}
	})
}

// A component that has had no result says nothing, also where the route alerts
// on unknown; one that is not configured is told.
func TestNotProbedYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unknown)
		s.checks["b"].NotConfigured = "not configured: TOKEN"
		s.restart()
		s.at(time.Minute)
		s.expect("0s ops/fake firing b unknown")
	})
}

// Between the engine's snapshot and Commit a component may have changed.
func TestCommitIsNotTakenInByOldNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		old := s.components()
		s.at(time.Minute)
		s.becomes("a", engine.Healthy)
		s.at(20 * time.Minute)
		c, err := s.d.Prepare(s.plan)
		if err != nil {
			t.Fatal(err)
		}
		c.Commit(old)
		s.at(21 * time.Minute)
		s.expect("0s ops/fake firing a unhealthy", "1m0s ops/fake resolved a healthy")
	})
}

func TestPrepareRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(time.Second)
		bad := *s.plan
		r := *s.route()
		r.Notifiers = []engine.NotifierConfig{{Type: "fake", Config: &fakeConfig{To: "broken"}}}
		bad.Routes = []*engine.Route{&r}
		_, err := s.d.Prepare(&bad)
		if want := `route "ops": fake: cannot open [redacted]`; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		s.becomes("a", engine.Healthy) // goes on as before
		s.expect("0s ops/fake firing a unhealthy", "1s ops/fake resolved a healthy")
	})
}

// A notifier whose secret is not set says so once, and keeps its memory.
func TestNotConfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.route().Notifiers[0].NotConfigured = "not configured: TOKEN"
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(time.Hour)
		s.expect()
		if st := s.d.Stats()[0]; st.NotConfigured == "" || st.Pending != 1 {
			t.Errorf("%+v", st)
		}
		if s.log.count("sends nothing") != 1 {
			t.Errorf("the log is\n%s", s.log)
		}
		r := *s.route()
		r.Notifiers = []engine.NotifierConfig{{Type: "fake", Config: &fakeConfig{}}}
		s.plan.Routes = []*engine.Route{&r}
		s.reload()
		s.expect("1h0m0s ops/fake firing a unhealthy")
	})
}
