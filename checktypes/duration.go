package checktypes

import (
	"strconv"
	"time"
)

// FormatDuration writes d for people: the three digits that matter, in the unit
// that fits: 35ms, 1.21s, 2m5s, 3h20m, 12d.
func FormatDuration(d time.Duration) string {
	if d < 0 {
		return "-" + FormatDuration(-d)
	}
	digits := func(v float64, unit string) string {
		return strconv.FormatFloat(v, 'g', 3, 64) + unit
	}
	two := func(big time.Duration, bigUnit string, small time.Duration, smallUnit string) string {
		s := strconv.FormatInt(int64(d/big), 10) + bigUnit
		if rest := d % big / small; rest > 0 {
			s += strconv.FormatInt(int64(rest), 10) + smallUnit
		}
		return s
	}
	switch {
	case d == 0:
		return "0s"
	case d < 999500*time.Nanosecond:
		return digits(float64(d)/1e3, "µs")
	case d < 999500*time.Microsecond:
		return digits(float64(d)/1e6, "ms")
	case d < 59950*time.Millisecond:
		return digits(float64(d)/1e9, "s")
	case d < time.Hour:
		return two(time.Minute, "m", time.Second, "s")
	case d < 48*time.Hour:
		return two(time.Hour, "h", time.Minute, "m")
	default:
		return two(24*time.Hour, "d", time.Hour, "h")
	}
}
