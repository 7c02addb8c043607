package schema

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a positive length of time, written such as 500ms, 30s, 5m, 36h
// or 90d.
type Duration time.Duration

// Size is a number of bytes, written such as 512, 64KiB or 10MB.
type Size int64

// Secret is a string that is never shown: decoding one adds it to the Reader's
// Secrets.
type Secret string

// ParseDuration reads a positive duration: one or more of a number and a unit,
// ns, µs or us, ms, s, m, h or d, such as 1h30m. The error says what is wrong
// with the text in the user's words, and does not repeat the text.
func ParseDuration(text string) (time.Duration, error) {
	if text == "" {
		return 0, errors.New("is empty")
	}
	switch n, err := strconv.ParseFloat(text, 64); {
	case err != nil && !errors.Is(err, strconv.ErrRange):
	case n == 0:
		return 0, errors.New("is zero")
	default:
		return 0, errors.New("has no unit")
	}
	sum, rest := 0.0, text
	if rest[0] == '-' {
		return 0, errors.New("is negative")
	}
	for rest != "" {
		digits := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if digits <= 0 {
			return 0, errors.New("is not a duration")
		}
		n, err := strconv.ParseFloat(rest[:digits], 64)
		if err != nil {
			return 0, errors.New("is not a duration")
		}
		rest = rest[digits:]
		end := strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
		if end < 0 {
			end = len(rest)
		}
		unit, ok := units[rest[:end]]
		if !ok {
			return 0, unitError(rest[:end], "none of ms, s, m, h, d")
		}
		sum += n * float64(unit)
		rest = rest[end:]
	}
	switch {
	case sum >= math.MaxInt64:
		return 0, errors.New("is longer than 292 years")
	case sum < 1:
		return 0, errors.New("is zero")
	}
	return time.Duration(sum), nil
}

// unitError says what is wrong with a unit. What stands around it is no part of
// it, but wrong too.
func unitError(unit, known string) error {
	if name := strings.TrimSpace(unit); name != "" && len(name) <= shown {
		_, ok := units[name]
		if ok {
			return errors.New("has a space in it")
		}
		return fmt.Errorf("has the unit %q, which is %s", name, known)
	}
	return fmt.Errorf("has a unit that is %s", known)
}

var units = map[string]time.Duration{
	"ns": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "μs": time.Microsecond,
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour,
}

// ParseSize reads a positive number of bytes: a number and, where it is not
// bytes, one of B, kB, KB, MB, GB (powers of 1000), KiB, MiB, GiB (of 1024). Its
// errors are as ParseDuration's.
func ParseSize(text string) (int64, error) {
	digits := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if digits < 0 {
		digits = len(text)
	}
	n, err := strconv.ParseFloat(text[:digits], 64)
	if err != nil {
		return 0, errors.New("is not a size")
	}
	unit, ok := sizes[strings.TrimSpace(text[digits:])]
	if !ok {
		return 0, unitError(text[digits:], "none of B, KB, KiB, MB, MiB, GB, GiB")
	}
	switch n *= unit; {
	case n >= math.MaxInt64:
		return 0, errors.New("is too large")
	case n < 1:
		return 0, errors.New("is zero")
	}
	return int64(n), nil
}

var sizes = map[string]float64{
	"": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}
