package engine

import (
	"testing"
	"time"
)

// TestWindows: when a window is open, at the edges, over midnight, and where clocks are
// put forward and back.
func TestWindows(t *testing.T) {
	nightly := func(line, zone string, d time.Duration) Window {
		cron, err := ParseCron(line, zone)
		if err != nil {
			t.Fatal(err)
		}
		return Window{cron: cron, duration: d}
	}
	once := Once("", clock(t, "2026-12-24T18:00:00+01:00"), 2*time.Hour)
	madrid := nightly("30 2 * * *", "Europe/Madrid", time.Hour)
	for _, c := range []struct {
		name   string
		window Window
		at     string
		until  string // empty where it is not open
	}{
		{"before it", once, "2026-12-24T17:59:59+01:00", ""},
		{"as it begins", once, "2026-12-24T18:00:00+01:00", "2026-12-24T20:00:00+01:00"},
		{"in another zone", once, "2026-12-24T18:30:00Z", "2026-12-24T20:00:00+01:00"},
		{"as it ends", once, "2026-12-24T20:00:00+01:00", ""},
		{"nightly, before", madrid, "2026-06-01T02:29:59+02:00", ""},
		{"nightly, as it begins", madrid, "2026-06-01T02:30:00+02:00", "2026-06-01T03:30:00+02:00"},
		{"nightly, within", madrid, "2026-06-01T03:00:00+02:00", "2026-06-01T03:30:00+02:00"},
		{"nightly, as it ends", madrid, "2026-06-01T03:30:00+02:00", ""},
		{"over midnight", nightly("0 23 * * *", "UTC", 2*time.Hour), "2026-06-02T00:30:00Z", "2026-06-02T01:00:00Z"},
		// On 2026-03-29 there is no 02:30 in Madrid: after 01:59:59 comes 03:00:00.
		{"a time that is left out comes at the next", madrid, "2026-03-29T03:45:00+02:00", "2026-03-29T04:30:00+02:00"},
		{"the day after is as ever", madrid, "2026-03-30T02:45:00+02:00", "2026-03-30T03:30:00+02:00"},
		// On 2026-10-25 there are two 02:30: the windows from both are one.
		{"a time that comes twice, first", madrid, "2026-10-25T02:45:00+02:00", "2026-10-25T03:30:00+01:00"},
		{"a time that comes twice, again", madrid, "2026-10-25T02:45:00+01:00", "2026-10-25T03:30:00+01:00"},
		{"windows that meet are one", nightly("0 * * * *", "UTC", time.Hour), "2026-06-01T00:30:00Z", "2026-06-08T01:00:00Z"},
		{"a day longer than one", nightly("0 0 1 * *", "UTC", 3*24*time.Hour), "2026-06-03T12:00:00Z", "2026-06-04T00:00:00Z"},
		{"and after it", nightly("0 0 1 * *", "UTC", 3*24*time.Hour), "2026-06-04T00:00:00Z", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			until, open := c.window.Open(clock(t, c.at))
			switch {
			case open != (c.until != ""):
				t.Errorf("it is open: %v (until %v)", open, until)
			case open && !until.Equal(clock(t, c.until)):
				t.Errorf("it is open until %v, want %s", until, c.until)
			}
		})
	}
}

func clock(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
