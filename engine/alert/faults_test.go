package alert

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

var errTest = errors.New("no route to s3cret host")

// A dead notifier delays neither the live one beside it, nor Observe, nor what
// comes after a message that hangs.
func TestDeadBesideLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.route().Notifiers = append(s.route().Notifiers, engine.NotifierConfig{Type: "other", Config: &fakeConfig{}})
		hang := make(chan struct{})
		s.answers(func(m Message) Outcome { return Sent() })
		dead := Define(Definition[fakeConfig]{Name: "fake", Open: func(fakeConfig, Env) (Notifier, error) {
			return sendFunc(func(ctx context.Context, m Message) Outcome {
				select {
				case <-ctx.Done():
				case <-hang:
				}
				return Retry(errTest, 0)
			}), nil
		}})
		s.restart()
		s.d.kinds["fake"] = dead
		s.route().Notifiers[0].Config = &fakeConfig{To: "elsewhere"}
		s.reload()
		start := time.Now()
		for _, name := range []string{"a", "b", "c"} {
			s.becomes(name, engine.Unhealthy)
		}
		if time.Since(start) > 0 {
			t.Errorf("Observe waited %s", time.Since(start))
		}
		s.expect("0s ops/other firing a unhealthy", "0s ops/other firing b unhealthy", "0s ops/other firing c unhealthy")
		s.at(time.Minute)
		stats := s.d.Stats()
		if len(stats) != 2 || stats[0].Pending != 3 || stats[0].Failed == 0 || stats[0].Sent != 0 ||
			stats[1].Sent != 3 || stats[1].Pending != 0 || stats[1].LastSent.IsZero() {
			t.Errorf("stats are %+v", stats)
		}
		if strings.Contains(stats[0].LastError, "s3cret") || !strings.Contains(stats[0].LastError, "no route") {
			t.Errorf("the last error is %q", stats[0].LastError)
		}
		close(hang)
	})
}

type sendFunc func(context.Context, Message) Outcome

func (f sendFunc) Send(ctx context.Context, m Message) Outcome { return f(ctx, m) }

// While a place is down it is asked less and less often, but soon enough when it
// is back, and told the present rather than the past.
func TestDownAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		var down atomic.Bool
		down.Store(true)
		var attempts atomic.Int64
		s.answers(func(m Message) Outcome {
			attempts.Add(1)
			if down.Load() {
				return Retry(errTest, 0)
			}
			return Sent()
		})
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Unhealthy)
		s.becomes("c", engine.Unhealthy)
		s.at(time.Hour)
		if n := attempts.Load(); n < 12 || n > 60 {
			t.Errorf("%d attempts in an hour", n)
		}
		s.becomes("b", engine.Healthy) // nobody was told of its failing
		down.Store(false)
		s.at(time.Hour + 6*time.Minute)
		var got []string
		for _, m := range s.messages() {
			got = append(got, string(m.Event)+" "+m.Check)
		}
		if len(got) != 2 || s.memory.size() != 2 {
			t.Errorf("said %v", got)
		}
		if s.log.count("an alert was not taken") != 1 || s.log.count("alerts are taken again") != 1 {
			t.Errorf("the log is\n%s", s.log)
		}
		if strings.Contains(s.log.String(), "s3cret") {
			t.Errorf("the log holds a secret:\n%s", s.log)
		}
	})
}

// A place that asks for a pause gets it, and no failure is counted where it was
// the notifier who waited.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		outcomes := []Outcome{Later(10 * time.Second), Retry(errTest, 2*time.Minute), Sent(), Sent()}
		s.answers(func(m Message) Outcome {
			out := outcomes[0]
			outcomes = outcomes[1:]
			return out
		})
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(5 * time.Second)
		s.becomes("b", engine.Unhealthy)
		s.at(5 * time.Minute)
		s.expect("2m10s ops/fake firing b unhealthy", "2m10s ops/fake firing a unhealthy")
		if st := s.d.Stats()[0]; st.Failed != 1 || st.Sent != 2 {
			t.Errorf("%+v", st)
		}
	})
}

// One message that a place chokes on does not keep the others from it.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.answers(func(m Message) Outcome {
			if m.Check == "a" {
				return Retry(errTest, 0)
			}
			return Sent()
		})
		s.restart()
		for _, name := range []string{"a", "b", "c"} {
			s.becomes(name, engine.Unhealthy)
		}
		s.at(3 * time.Second)
		if len(s.lines()) != 2 {
			t.Errorf("said %v", s.lines())
		}
	})
}

// What is refused for good is loud once, and tried again more and more seldom: it may
// have been set right meanwhile.
func TestPermanent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		var attempts atomic.Int64
		s.answers(func(m Message) Outcome {
			attempts.Add(1)
			if time.Since(s.start) < 6*time.Hour {
				return Permanent(errTest)
			}
			return Sent()
		})
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(40 * time.Second)
		if n := attempts.Load(); n != 2 {
			t.Errorf("%d attempts after 40s", n)
		}
		s.at(6 * time.Hour)
		if n := attempts.Load(); n < 20 || n > 40 || s.log.count("an alert was not taken") != 1 {
			t.Errorf("%d attempts after 6h; the log is\n%s", n, s.log)
		}
		s.at(6*time.Hour + 20*time.Minute)
		if said := s.messages(); len(said) == 0 || said[0].Event != Firing {
			t.Errorf("once it is taken, it says %+v", said)
		}
	})
}

// A message that is tried again says the same, as its identity does, whatever has
// become of the component meanwhile but another status.
func TestTriedAgainInTheSameWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		var seen []string
		s.answers(func(m Message) Outcome {
			text, _ := m.MarshalJSON()
			seen = append(seen, string(text))
			if len(seen) < 4 {
				return Retry(errTest, 0)
			}
			return Sent()
		})
		s.restart()
		for i := range 20 {
			s.becomes("a", engine.Unhealthy)
			s.at(time.Duration(i+1) * time.Second)
		}
		if len(seen) != 4 || seen[0] != seen[1] || seen[0] != seen[3] {
			t.Errorf("it said %s", strings.Join(seen, "\n"))
		}
	})
}

// After a day a message is given up on, loudly; the alert itself is not.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		var down atomic.Bool
		down.Store(true)
		s.answers(func(m Message) Outcome {
			if down.Load() {
				return Retry(errTest, 0)
			}
			return Sent()
		})
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(23 * time.Hour)
		if n := s.log.count("given up"); n != 0 {
			t.Errorf("given up after less than a day:\n%s", s.log)
		}
		s.at(25 * time.Hour)
		if st := s.d.Stats()[0]; st.GaveUp != 1 || s.log.count("given up") != 1 {
			t.Errorf("%+v\n%s", st, s.log)
		}
		down.Store(false)
		s.at(26 * time.Hour)
		if len(s.lines()) == 0 {
			t.Error("what is still true was never said")
		}
		down.Store(true)
		s.becomes("a", engine.Healthy)
		s.at(60 * time.Hour)
		if st := s.d.Stats()[0]; st.GaveUp != 2 || st.Pending != 0 {
			t.Errorf("a resolved is tried for ever: %+v", st)
		}
	})
}

func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.answers(func(m Message) Outcome {
			if m.Check == "a" {
				panic("boom")
			}
			return Sent()
		})
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Unhealthy)
		s.expect("0s ops/fake firing b unhealthy")
		if !strings.Contains(s.d.Stats()[0].LastError, "boom") {
			t.Errorf("%+v", s.d.Stats())
		}
	})
}

// A stop waits a moment for what is on its way, and not for a place that hangs.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.answers(func(m Message) Outcome {
			time.Sleep(time.Second)
			return Sent()
		})
		s.restart()
		s.becomes("a", engine.Unhealthy)
		time.Sleep(time.Millisecond)
		s.kill()
		s.expect("1s ops/fake firing a unhealthy")
		s.restart()
		s.at(time.Minute)
		s.expect("1s ops/fake firing a unhealthy") // remembered

		s.answers(func(m Message) Outcome {
			time.Sleep(10 * time.Second)
			return Retry(errTest, 0)
		})
		s.becomes("b", engine.Unhealthy)
		time.Sleep(time.Millisecond)
		start := time.Now()
		s.kill()
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("the stop took %s", took)
		}
		time.Sleep(20 * time.Second)
		s.answers(nil)
		s.restart()
		s.at(2 * time.Minute)
		if len(s.lines()) != 2 {
			t.Errorf("said %v", s.lines())
		}
	})
}
