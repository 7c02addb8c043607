package engine

import (
	"strings"
	"testing"
	"time"
)

// The truth table of thresholds: results in order, and what is reported after
// each. H healthy, D degraded, U unhealthy, ? unknown.
func TestAdvance(t *testing.T) {
	defaults := Thresholds{Degraded: 1, Unhealthy: 3, Healthy: 1}
	for _, c := range []struct {
		name       string
		thresholds Thresholds
		results    string
		reported   string
		failures   string // after each result
	}{
		{"healthy stays", defaults, "HHH", "HHH", "000"},
		{"the third unhealthy result in a row is unhealthy", defaults, "HUUUU", "HDDUU", "01234"},
		{"the first result may be a bad one", defaults, "UUU", "DDU", "123"},
		{"degraded stays degraded", defaults, "DDDDD", "DDDDD", "12345"},
		{"degraded results do not count towards unhealthy", defaults, "DDUUDUUU", "DDDDDDDU", "12345678"},
		{"one healthy result clears the row", defaults, "UUHUUU", "DDHDDU", "120123"},
		{"better is the worst of the better ones", defaults, "UUUDH", "DDUDH", "12340"},
		{"unknown is at once and neither counts nor clears", defaults, "UU?U", "DD?U", "1223"},
		{"after unknown the rows go on", defaults, "UUU?H", "DDU?H", "12330"},
		{"unknown does not end what was reported", Thresholds{1, 3, 2}, "UUU?HH", "DDU?UH", "123300"},
		{"unknown first", defaults, "??H", "??H", "000"},
		{"two better in a row", Thresholds{1, 3, 2}, "UUUHH", "DDUUH", "12300"},
		{"a relapse starts over", Thresholds{1, 3, 2}, "UUUHUHH", "DDUUUUH", "1230100"},
		{"the worst of two better ones", Thresholds{1, 3, 2}, "UUUDHHH", "DDUUDDH", "1234000"},
		{"below every threshold nothing is claimed", Thresholds{2, 3, 1}, "UUU", "?DU", "123"},
		{"below every threshold the old status stays", Thresholds{2, 3, 1}, "HUHUU", "HHHHD", "01012"},
		{"the first healthy result needs no company", Thresholds{1, 3, 5}, "H", "H", "0"},
		{"unhealthy at once", Thresholds{1, 1, 1}, "HUH", "HUH", "010"},
		{"unhealthy before degraded", Thresholds{5, 2, 1}, "HDUU", "HHHU", "0123"},
		{"mixed bad results meet the degraded threshold", Thresholds{3, 9, 1}, "HDUD", "HHHD", "0123"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s State
			at := time.Unix(1000, 0)
			for i := range c.results {
				at = at.Add(time.Minute)
				s = Advance(s, letter(c.results[i]), c.thresholds, at)
				if want := letter(c.reported[i]); s.Reported != want {
					t.Fatalf("after %s: reported %s, want %s", c.results[:i+1], s.Reported, want)
				}
				if want := int(c.failures[i] - '0'); s.Failures != want {
					t.Fatalf("after %s: %d failures, want %d", c.results[:i+1], s.Failures, want)
				}
			}
		})
	}
}

func letter(b byte) Status {
	return map[byte]Status{'H': Healthy, 'D': Degraded, 'U': Unhealthy, '?': Unknown}[b]
}

func TestAdvanceTimes(t *testing.T) {
	start := time.Unix(1000, 0)
	var s State
	var since, success []string
	for i, result := range "HHUUU?H" {
		s = Advance(s, letter(byte(result)), Thresholds{1, 3, 1}, start.Add(time.Duration(i)*time.Second))
		since = append(since, s.Since.Sub(start).String())
		success = append(success, s.LastSuccess.Sub(start).String())
		if got := s.LastCheck.Sub(start); got != time.Duration(i)*time.Second {
			t.Errorf("result %d: last check after %s", i, got)
		}
	}
	if got, want := strings.Join(since, " "), "0s 0s 2s 2s 4s 5s 6s"; got != want {
		t.Errorf("since %s, want %s", got, want)
	}
	if got, want := strings.Join(success, " "), "0s 1s 1s 1s 1s 1s 6s"; got != want {
		t.Errorf("last success %s, want %s", got, want)
	}
}

func TestOverall(t *testing.T) {
	for _, c := range []struct{ critical, other, want string }{
		{"HHH", "", "H"}, {"HDH", "", "D"}, {"HDU", "", "U"}, {"H?H", "", "D"}, {"???", "", "D"},
		{"U?", "", "U"}, {"HH", "U", "H"}, {"HH", "?", "H"}, {"D", "U", "D"}, {"", "U", "H"}, {"", "", "H"},
	} {
		var all []*Component
		for i, letters := range []string{c.critical, c.other} {
			for j := range letters {
				all = append(all, &Component{Check: &Check{Critical: i == 0}, Status: letter(letters[j])})
			}
		}
		if got, want := Overall(all), letter(c.want[0]); got != want {
			t.Errorf("critical %q, others %q: %s, want %s", c.critical, c.other, got, want)
		}
	}
}
