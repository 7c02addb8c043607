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
	n, err := strconv.ParseFloat(text, 64)
	number := err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) || errors.Is(err, strconv.ErrRange)
	switch {
	case text == "":
		return 0, errors.New("is empty")
	case text[0] == '-':
		return 0, errors.New("is negative")
	case number && n == 0:
		return 0, errors.New("is zero")
	case number:
		return 0, errors.New("has no unit")
	}
	sum := int64(0)
	for rest := text; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		if digits == len(rest) && isNumber(rest) {
			return 0, errors.New("has no unit at its end")
		}
		number, after := rest[:digits], rest[digits:]
		rest = strings.TrimLeftFunc(after, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		name := after[:len(after)-len(rest)]
		if !isNumber(number) {
			return 0, errors.New("is not a duration")
		}
		unit, ok := units[name]
		if !ok {
			return 0, unitError(name, "none of ms, s, m, h, d")
		}
		part := times(number, int64(unit))
		if part == math.MaxInt64 || part > math.MaxInt64-sum {
			return 0, errors.New("is longer than 292 years")
		}
		sum += part
	}
	if sum == 0 {
		return 0, errors.New("is zero")
	}
	return time.Duration(sum), nil
}

// isNumber reports whether digits and points make a number.
func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// times is a number, as it is written, times a unit; math.MaxInt64 where that is
// too much.
func times(number string, unit int64) int64 {
	if n, err := strconv.ParseInt(number, 10, 64); err == nil && n <= math.MaxInt64/unit {
		return n * unit
	}
	n, _ := strconv.ParseFloat(number, 64) // too much is infinite
	switch product := n * float64(unit); {
	case product >= math.MaxInt64:
		return math.MaxInt64
	case product < 1:
		return 0
	default:
		return int64(math.Round(product))
	}
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
	number := text[:len(text)-len(strings.TrimLeft(text, "0123456789."))]
	if !isNumber(number) {
		return 0, errors.New("is not a size")
	}
	unit, ok := sizes[strings.TrimSpace(text[len(number):])]
	if !ok {
		return 0, unitError(text[len(number):], "none of B, KB, KiB, MB, MiB, GB, GiB")
	}
	switch n := times(number, unit); {
	case n == 0:
		return 0, errors.New("is zero")
	case n == math.MaxInt64:
		return 0, errors.New("is too large")
	default:
		return n, nil
	}
}

var sizes = map[string]int64{
	"": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}
