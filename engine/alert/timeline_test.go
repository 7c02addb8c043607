package alert

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// Timelines: what the component "a" becomes when, and what is said when. A step
// is "MINUTE STATUS" with h, d, u or ?, or "MINUTE restart". The cooldown is 15
// minutes, as is the repeat interval unless the case says otherwise.
func TestTimelines(t *testing.T) {
	for _, c := range []struct {
		name   string
		on     string
		never  bool          // repeat_interval: never
		repeat time.Duration // where it is not the cooldown
		mute   bool          // send_resolved: false
		steps  string
		until  int
		want   string // "MINUTE event status"
	}{
		{name: "firing, and resolved at once", on: "u", steps: "0 h, 1 u, 5 h", until: 60,
			want: "1 firing u, 5 resolved h"},
		{name: "degraded is not in the list", on: "u", steps: "0 h, 1 d, 5 h", until: 60},
		{name: "the first result may be a bad one", on: "u", steps: "0 u", until: 10, want: "0 firing u"},
		{name: "reminders each cooldown", on: "u", steps: "1 u", until: 50,
			want: "1 firing u, 16 reminder u, 31 reminder u, 46 reminder u"},
		{name: "reminders as often as is asked for", on: "u", repeat: 40 * time.Minute, steps: "1 u", until: 100,
			want: "1 firing u, 41 reminder u, 81 reminder u"},
		{name: "never more often than the cooldown", on: "u", repeat: time.Minute, steps: "1 u", until: 20,
			want: "1 firing u, 16 reminder u"},
		{name: "no reminders", on: "u", never: true, steps: "1 u, 100 h", until: 200,
			want: "1 firing u, 100 resolved h"},
		{name: "a relapse within the cooldown is told at its end", on: "u", steps: "1 u, 3 h, 5 u", until: 20,
			want: "1 firing u, 3 resolved h, 16 firing u"},
		{name: "unless it is over by then", on: "u", steps: "1 u, 3 h, 5 u, 8 h", until: 60,
			want: "1 firing u, 3 resolved h"},
		{name: "a relapse after the cooldown is told at once", on: "u", steps: "1 u, 3 h, 17 u", until: 20,
			want: "1 firing u, 3 resolved h, 17 firing u"},
		{name: "a resolved does not begin a cooldown", on: "u", steps: "1 u, 15 h, 16 u, 17 h", until: 25,
			want: "1 firing u, 15 resolved h, 16 firing u, 17 resolved h"},
		{name: "better without being healthy is not resolved", on: "u", steps: "1 u, 3 d, 40 h", until: 60,
			want: "1 firing u, 40 resolved h"},
		{name: "nor is it reminded of", on: "u", steps: "1 u, 3 d", until: 60, want: "1 firing u"},
		{name: "entering the list again is a new alert", on: "u", never: true, steps: "1 u, 3 d, 5 u, 70 h", until: 80,
			want: "1 firing u, 16 firing u, 70 resolved h"},
		{name: "unknown neither alerts nor resolves", on: "u", steps: "0 h, 1 ?, 5 u, 7 ?, 9 h", until: 60,
			want: "5 firing u, 9 resolved h"},
		{name: "worse within the list is a new alert", on: "du", never: true, steps: "1 d, 2 u, 40 h", until: 50,
			want: "1 firing d, 16 firing u, 40 resolved h"},
		{name: "at once after the cooldown", on: "du", never: true, steps: "1 d, 20 u", until: 50,
			want: "1 firing d, 20 firing u"},
		{name: "there and back within the cooldown", on: "du", never: true, steps: "1 d, 2 u, 3 d, 30 h", until: 50,
			want: "1 firing d, 30 resolved h"},
		{name: "on unknown", on: "?", steps: "0 h, 1 ?, 2 h", until: 20, want: "1 firing ?, 2 resolved h"},
		{name: "resolved is not sent", on: "u", mute: true, steps: "1 u, 3 h, 5 u, 30 h", until: 60,
			want: "1 firing u, 16 firing u"},
		{name: "a restart repeats nothing", on: "u", steps: "1 u, 2 restart, 3 restart, 5 h, 6 restart", until: 30,
			want: "1 firing u, 5 resolved h"},
		{name: "a restart keeps the cooldown", on: "u", steps: "1 u, 2 h, 3 restart, 4 u", until: 20,
			want: "1 firing u, 2 resolved h, 16 firing u"},
		{name: "a restart keeps reminders", on: "u", steps: "1 u, 10 restart", until: 20,
			want: "1 firing u, 16 reminder u"},
		{name: "a restart keeps that the list was left", on: "u", never: true, steps: "1 u, 2 d, 3 restart, 4 u", until: 20,
			want: "1 firing u, 16 firing u"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, statuses(c.on)...)
				r := s.route()
				switch {
				case c.never:
					r.Repeat = 0
				case c.repeat > 0:
					r.Repeat = c.repeat
				}
				r.SendResolved = !c.mute
				s.restart()
				for _, step := range split(c.steps) {
					minute, what, _ := strings.Cut(step, " ")
					var m int
					fmt.Sscan(minute, &m)
					s.at(time.Duration(m) * time.Minute)
					if what == "restart" {
						s.restart()
						continue
					}
					// Results come every 10 seconds; only the first changes anything.
					s.becomes("a", statuses(what)[0])
					time.Sleep(10 * time.Second)
					s.becomes("a", statuses(what)[0])
				}
				s.at(time.Duration(c.until) * time.Minute)
				var want []string
				for _, line := range split(c.want) {
					f := strings.Fields(line)
					var m int
					fmt.Sscan(f[0], &m)
					want = append(want, fmt.Sprintf("%s ops/fake %s a %s", time.Duration(m)*time.Minute, f[1], statuses(f[2])[0]))
				}
				s.expect(want...)
			})
		})
	}
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ", ")
}

func statuses(letters string) (all []engine.Status) {
	for _, c := range letters {
		all = append(all, map[rune]engine.Status{
			'h': engine.Healthy, 'd': engine.Degraded, 'u': engine.Unhealthy, '?': engine.Unknown,
		}[c])
	}
	return all
}

// What nobody needs to remember any more is forgotten.
func TestMemoryShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.becomes("b", engine.Unhealthy)
		s.at(time.Minute)
		s.becomes("a", engine.Healthy)
		s.at(14 * time.Minute)
		if n := s.memory.size(); n != 2 {
			t.Errorf("%d are remembered within the cooldown, want 2", n)
		}
		s.at(16 * time.Minute)
		if n := s.memory.size(); n != 1 {
			t.Errorf("%d are remembered after the cooldown, want 1", n)
		}
	})
}

func TestMessages(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	m := Message{
		ID: "id1", Event: Firing, Route: "ops", Check: "database", Status: engine.Unhealthy, Previous: engine.Degraded,
		Message: "connection refused", Failures: 3, Since: at, Time: at.Add(90 * time.Minute),
		Tags: []string{"db"}, Metadata: []byte(`{"n":1}`),
	}
	with := func(change func(*Message)) Message {
		c := m
		change(&c)
		return c
	}
	for _, c := range []struct {
		m    Message
		want string
	}{
		{m, "🚨 database is UNHEALTHY\nStatus: unhealthy\nMessage: connection refused\nFailures: 3"},
		{with(func(m *Message) { m.Event = Reminder }),
			"🚨 database is UNHEALTHY\nStatus: unhealthy\nMessage: connection refused\nFailures: 3\nSince: 2026-07-01 12:00:00 UTC (1h30m)"},
		{with(func(m *Message) { m.Event, m.Status, m.Message, m.Failures = Resolved, engine.Healthy, "17 markets", 0 }),
			"✅ database is HEALTHY\nStatus: healthy\nMessage: 17 markets"},
		{with(func(m *Message) { m.Status, m.Failures, m.Message = engine.Degraded, 1, "" }),
			"⚠️ database is DEGRADED\nStatus: degraded\nFailures: 1"},
		{with(func(m *Message) { m.Event, m.Gone = Resolved, "is no longer watched" }),
			"✅ database is no longer watched"},
	} {
		if got := c.m.Text(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
	got, err := m.MarshalJSON()
	want := `{"event":"firing","id":"id1","check":"database","status":"unhealthy","previous_status":"degraded",` +
		`"message":"connection refused","consecutive_failures":3,"since":"2026-07-01T12:00:00Z","time":"2026-07-01T13:30:00Z",` +
		`"tags":["db"],"metadata":{"n":1}}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
	got, err = Message{Event: Resolved, ID: "x", Check: "a", Time: at}.MarshalJSON()
	want = `{"event":"resolved","id":"x","check":"a","status":"unknown","previous_status":"unknown","message":"",` +
		`"consecutive_failures":0,"since":null,"time":"2026-07-01T12:00:00Z","tags":[],"metadata":{}}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
}

// A message holds what the component was when it was said, redacted, and an ID
// that is the same over attempts and restarts and different for different news.
func TestWhatIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.restart()
		s.becomes("a", engine.Degraded)
		s.at(time.Minute)
		s.becomes("a", engine.Unhealthy)
		s.at(17 * time.Minute)
		s.becomes("a", engine.Healthy)
		s.at(18 * time.Minute)
		if len(s.messages()) != 3 {
			t.Fatalf("%d messages, want 3", len(s.messages()))
		}
		m := s.messages()[0]
		if m.Previous != engine.Degraded || m.Message != "it says unhealthy" || m.Failures != 2 ||
			!m.Since.Equal(s.start.Add(time.Minute)) || !m.Time.Equal(s.start.Add(time.Minute)) || m.Tags[0] != "t-[redacted]" {
			t.Errorf("%+v", m)
		}
		ids := map[string]bool{}
		for _, m := range s.messages() {
			ids[m.ID] = true
		}
		if len(ids) != 3 || len(m.ID) != 16 {
			t.Errorf("the ids are %v", ids)
		}
	})
}

func TestSameIDOverAttemptsAndRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		var ids []string
		s.answers(func(m Message) Outcome {
			ids = append(ids, m.ID)
			return Retry(errTest, 0)
		})
		s.restart()
		time.Sleep(1234567 * time.Nanosecond)
		s.becomes("a", engine.Unhealthy)
		time.Sleep(time.Minute)
		s.restart()
		time.Sleep(time.Minute)
		s.kill()
		if len(ids) < 4 {
			t.Fatalf("%d attempts", len(ids))
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("the ids are %v", ids)
			}
		}
	})
}
