package rule

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnits are the file's units, the longer spelling first.
var durationUnits = []struct {
	name string
	size time.Duration
}{
	{"ns", time.Nanosecond}, {"us", time.Microsecond}, {"µs", time.Microsecond}, {"μs", time.Microsecond},
	{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour},
}

const durationHint = `durations look like "500ms", "30s", "5m", "36h" or "90d"`

var errNoDuration = errors.New("not a duration")

// parseDuration reads what the file writes, 500ms or 1h30m, and a sign, as a rule
// may compare with a negative difference.
func parseDuration(s string) (time.Duration, error) {
	rest := strings.TrimPrefix(s, "-")
	if rest == "" {
		return 0, errNoDuration
	}
	total := 0.0
	exact := time.Duration(0)
	for rest != "" {
		digits := 0
		for digits < len(rest) && (rest[digits] == '.' || '0' <= rest[digits] && rest[digits] <= '9') {
			digits++
		}
		n, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, errNoDuration
		}
		size, width := unitOf(rest[digits:])
		if size == 0 {
			return 0, errNoDuration
		}
		total += n * float64(size)
		if total >= math.MaxInt64 {
			return 0, errors.New("too long a duration")
		}
		exact += time.Duration(math.Round(n * float64(size)))
		rest = rest[digits+width:]
	}
	if strings.HasPrefix(s, "-") {
		return -exact, nil
	}
	return exact, nil
}

// unitOf is the unit that s begins with and its length in bytes, 0 where there is
// none.
func unitOf(s string) (time.Duration, int) {
	for _, u := range durationUnits {
		if strings.HasPrefix(s, u.name) {
			return u.size, len(u.name)
		}
	}
	return 0, 0
}

// formatDuration writes a duration for people: three digits that matter up to a
// minute, then the two largest units: 35ms, 1.21s, 2m5s, 3h20m, 12d.
func formatDuration(d time.Duration) string {
	if d < 0 {
		if d == math.MinInt64 {
			d++ // has no positive counterpart
		}
		return "-" + formatDuration(-d)
	}
	for _, small := range []struct {
		below time.Duration // from here on three digits round up to the next unit
		unit  time.Duration
		name  string
	}{
		{1, time.Second, "s"},
		{999500 * time.Nanosecond, time.Microsecond, "µs"},
		{999500 * time.Microsecond, time.Millisecond, "ms"},
		{59950 * time.Millisecond, time.Second, "s"},
	} {
		if d < small.below {
			return strconv.FormatFloat(float64(d)/float64(small.unit), 'g', 3, 64) + small.name
		}
	}
	switch {
	case d < time.Hour:
		return twoUnits(d, time.Minute, "m", time.Second, "s")
	case d < 48*time.Hour:
		return twoUnits(d, time.Hour, "h", time.Minute, "m")
	}
	return twoUnits(d, 24*time.Hour, "d", time.Hour, "h")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	s := strconv.FormatInt(int64(d/large), 10) + largeName
	if rest := d % large / small; rest > 0 {
		s += strconv.FormatInt(int64(rest), 10) + smallName
	}
	return s
}
