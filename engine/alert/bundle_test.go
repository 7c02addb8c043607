package alert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/engine"
)

// TestAStormIsAHandfulOfMessages: however many components fail and are well again, a few
// messages tell of all, and name the first.
func TestAStormIsAHandfulOfMessages(t *testing.T) {
	const many = 10_000
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		for i := range many {
			s.addCheck(fmt.Sprintf("x%05d", i))
		}
		s.restart()
		for i := range many { // within 30 s, as probes come
			s.becomes(fmt.Sprintf("x%05d", i), engine.Unhealthy)
			if i%100 == 99 {
				time.Sleep(300 * time.Millisecond)
			}
		}
		s.at(5 * time.Minute)
		firing := s.messages()
		if n := len(firing); n > 10 {
			t.Errorf("%d messages tell of %d failures", n, many)
		}
		if n := toldOf(firing); n != many || firing[0].Check != "x00000" {
			t.Errorf("%d of %d are told of, %s first", n, many, firing[0].Check)
		}
		for i := range many {
			s.becomes(fmt.Sprintf("x%05d", i), engine.Healthy)
		}
		s.at(10 * time.Minute)
		resolved := s.messages()[len(firing):]
		if n := toldOf(resolved); len(resolved) > 10 || n != many || resolved[0].Event != Resolved {
			t.Errorf("%d messages tell that %d are well again", len(resolved), n)
		}
	})
}

// toldOf is of how many components messages tell.
func toldOf(all []Message) (n int) {
	for _, m := range all {
		n += max(1, len(m.All))
	}
	return n
}

// TestAFewAreToldOneByOne: what happens in ordinary life has a message each.
func TestAFewAreToldOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		for i := range 7 {
			s.addCheck(fmt.Sprint("x", i))
		}
		s.restart()
		for i := range 5 {
			s.becomes(fmt.Sprint("x", i), engine.Unhealthy)
		}
		s.at(time.Second)
		s.becomes("x5", engine.Unhealthy)
		s.at(2 * time.Second)
		s.becomes("x6", engine.Unhealthy)
		s.at(time.Minute)
		s.expect("0s ops/fake firing x0 unhealthy", "0s ops/fake firing x1 unhealthy", "0s ops/fake firing x2 unhealthy",
			"0s ops/fake firing x3 unhealthy", "0s ops/fake firing x4 unhealthy", "10s ops/fake firing x5 unhealthy")
		if m := s.messages()[5]; len(m.All) != 2 || m.All[1].Check != "x6" {
			t.Errorf("the last is %+v", m)
		}
	})
}

// TestGroupWait: where a route waits, what happens meanwhile is told with the first.
func TestGroupWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.route().GroupWait = 30 * time.Second
		s.restart()
		s.becomes("a", engine.Unhealthy)
		s.at(20 * time.Second)
		s.becomes("b", engine.Unhealthy)
		s.at(25 * time.Second)
		s.becomes("c", engine.Unhealthy)
		s.at(29 * time.Second)
		s.becomes("c", engine.Healthy) // over before it was told
		s.expect()
		s.at(30 * time.Second)
		m := s.messages()
		if len(m) != 1 || m[0].Check != "a" || len(m[0].All) != 2 || m[0].All[1].Check != "b" {
			t.Errorf("told is %+v", m)
		}
		s.at(time.Hour)
	})
}

// TestAFailedBundleIsWhole: what a place did not take is told again, nothing of it lost
// and nothing twice, by what is true then.
func TestAFailedBundleIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, engine.Unhealthy)
		s.route().GroupWait, s.route().Repeat = time.Second, 0
		s.restart()
		var ids []string
		s.answers(func(m Message) Outcome {
			s.mu.Lock()
			defer s.mu.Unlock()
			ids = append(ids, m.ID)
			return Retry(fmt.Errorf("busy"), 0)
		})
		for _, name := range []string{"a", "b", "c"} {
			s.becomes(name, engine.Unhealthy)
		}
		s.at(time.Minute)
		s.answers(nil)
		tried := len(ids)
		if slices.Sort(ids); tried < 3 || ids[0] != ids[tried-1] {
			t.Errorf("the same message was tried as %q", ids)
		}
		s.becomes("b", engine.Healthy)
		s.at(10 * time.Minute)
		m := s.messages()
		if len(m) != 1 || len(m[0].All) != 2 || m[0].All[0].Check != "a" || m[0].All[1].Check != "c" {
			t.Errorf("told is %+v", m)
		}
	})
}

// TestTextOfMany: what people and programs read of a message of many.
func TestTextOfMany(t *testing.T) {
	var parts []part
	add := func(n int, event Event, s engine.Status, gone string) {
		for i := range n {
			parts = append(parts, part{message: Message{
				ID: fmt.Sprint(len(parts)), Event: event, Check: fmt.Sprintf("%s-%d", s, i), Status: s, Message: "it says so", Gone: gone,
			}})
		}
	}
	add(2, Resolved, engine.Healthy, "")
	add(1, Resolved, engine.Unhealthy, "is no longer watched")
	add(10, Firing, engine.Unhealthy, "")
	add(1, Flapping, engine.Degraded, "")
	m := together(parts).message
	if got, want := m.Title(), "🚨 10 UNHEALTHY, ⚠️ 1 DEGRADED, ✅ 2 HEALTHY, ✅ 1 no longer watched"; got != want {
		t.Errorf("the title is %q, want %q", got, want)
	}
	lines := strings.Split(m.Body(), "\n")
	if len(lines) != 11 || lines[0] != "unhealthy-0: unhealthy: it says so" || lines[10] != "and: 4 more" {
		t.Errorf("the body is %q", lines)
	}
	var body struct {
		Event  string `json:"event"`
		Check  string `json:"check"`
		Count  int    `json:"count"`
		Alerts []struct {
			Check, Status string
		} `json:"alerts"`
	}
	text, err := json.Marshal(m)
	if err != nil || json.Unmarshal(text, &body) != nil {
		t.Fatal(err)
	}
	if body.Event != "firing" || body.Check != "unhealthy-0" || body.Count != 14 || len(body.Alerts) != 14 || body.Alerts[0].Check != "unhealthy-0" {
		t.Errorf("as JSON it is %s", text)
	}
}
