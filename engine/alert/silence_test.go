package alert

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// silence begins one of a stage's.
func (s *stage) silence(one engine.Silence) engine.Silence {
	s.t.Helper()
	begun, err := s.d.Silence(one)
	if err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
	return begun
}

// TestSilence: what is silenced is told once that is over, if it is still true; over a
// restart too.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.silence(engine.Silence{Checks: []string{"a"}, Expires: s.start.Add(time.Hour), Author: "eve", Reason: "new disk"})
		s.silence(engine.Silence{Tags: []string{"t-s3cret"}, Checks: []string{"[bc]"}, Expires: s.start.Add(10 * time.Minute)})
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Unhealthy)
		s.at(5 * time.Minute)
		s.becomes("b", engine.Healthy)
		s.restart()
		s.at(59 * time.Minute)
		s.expect()
		if n := len(s.d.Silences()); n != 1 {
			t.Errorf("%d silences last, want 1", n)
		}
		s.at(time.Hour)
		s.expect("1h0m0s ops/fake firing a unhealthy")
		if got := s.log.count("silenced by eve: new disk"); got == 0 {
			t.Errorf("the log does not say why:\n%s", s.log)
		}
	})
}

// TestExpire: a silence that is ended before its time lets go at once.
func TestExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		one := s.silence(engine.Silence{Checks: []string{"a*"}, Expires: s.start.Add(time.Hour)})
		s.becomes("a", engine.Unhealthy)
		s.at(time.Minute)
		if err := s.d.Expire("nothing"); err == nil {
			t.Error("a silence that is not there was ended")
		}
		if err := s.d.Expire(one.ID); err != nil {
			t.Fatal(err)
		}
		s.at(time.Minute + time.Second)
		s.expect("1m0s ops/fake firing a unhealthy")
		s.restart()
		if n := len(s.d.Silences()); n != 0 {
			t.Errorf("it came back with a restart")
		}
	})
}

// TestAck: what is acknowledged is not reminded of; that it is over is told, and ends the
// acknowledgement.
func TestAck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(time.Minute)
		s.silence(engine.Silence{Checks: []string{"a"}, Ack: true, Author: "eve"})
		s.silence(engine.Silence{Checks: []string{"a"}, Ack: true, Author: "bob"}) // in place of the first
		s.at(time.Hour)
		s.restart()
		s.at(2 * time.Hour)
		if all := s.d.Silences(); len(all) != 1 || all[0].Author != "bob" {
			t.Errorf("acknowledged is %+v", all)
		}
		s.becomes("a", engine.Healthy)
		s.at(3 * time.Hour)
		s.becomes("a", engine.Unhealthy)
		s.at(3*time.Hour + 20*time.Minute)
		s.expect("0s ops/fake firing a unhealthy", "2h0m0s ops/fake resolved a healthy",
			"3h0m0s ops/fake firing a unhealthy", "3h15m0s ops/fake reminder a unhealthy")
	})
}

// TestSilenceMistakes: what is of nothing, or for no time, is refused.
func TestSilenceMistakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.addCheck("database")
		s.restart()
		hour := time.Now().Add(time.Hour)
		for _, c := range []struct {
			silence engine.Silence
			want    string
		}{
			{engine.Silence{Expires: hour}, "name a check, a pattern of names, or a tag"},
			{engine.Silence{Checks: []string{"databse"}, Expires: hour}, `there is no check "databse": did you mean "database"?`},
			{engine.Silence{Checks: []string{"x*"}, Expires: hour}, `there is no check "x*"`},
			{engine.Silence{Tags: []string{"t"}, Expires: hour}, `no check has the tag "t"`},
			{engine.Silence{Ack: true, Tags: []string{"t-s3cret"}}, "an acknowledgement is of one check"},
			{engine.Silence{Ack: true, Checks: []string{"a", "b"}}, "an acknowledgement is of one check"},
			{engine.Silence{Ack: true}, "an acknowledgement is of one check"},
			{engine.Silence{Ack: true, Checks: []string{"a*"}}, `there is no check "a*"`},
			{engine.Silence{Checks: []string{"a"}}, "a silence needs a time to last"},
			{engine.Silence{Checks: []string{"a"}, Expires: time.Now().AddDate(2, 0, 0)}, "a silence lasts a year at most"},
		} {
			if _, err := s.d.Silence(c.silence); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%+v: %v, want %s", c.silence, err, c.want)
			}
		}
		if n := len(s.memory.silences); n > 0 {
			t.Errorf("%d that were refused are kept", n)
		}
		s.becomes("a", engine.Healthy) // which ends its acknowledgements
		synctest.Wait()
	})
}
