package schema

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

func (r *Reader) duration(n *Node, v reflect.Value) {
	if !n.isScalar() || n.Kind == Null {
		r.Errorf(n, "", "%s wants a duration such as 30s, found %s", r.label(n), r.Found(n))
		return
	}
	d, err := ParseDuration(n.Value)
	if err != nil {
		r.Errorf(n, durationHint(n.Value), "%s wants a duration such as 30s: %s %s", r.label(n), r.quote(n.Value), err)
		return
	}
	v.Set(reflect.ValueOf(Duration(d)))
}

// durationHint writes what was meant as it is to be written.
func durationHint(text string) string {
	number, unit := splitUnit(text)
	known := units[unit] > 0
	switch _, err := strconv.ParseFloat(number, 64); {
	case strings.HasPrefix(text, "-") || err == nil && strings.Trim(number, "0.") == "":
		return "" // a unit does not help it
	case err != nil:
		return "write a number and a unit: ms, s, m, h or d"
	case number+unit == text && known:
		return ""
	case known:
		return "write " + number + unit
	case unit == "":
		return "write " + number + "s for seconds"
	case units[strings.ToLower(unit)] > 0:
		return "write " + number + strings.ToLower(unit)
	case strings.HasPrefix("weeks", unit):
		return "write it in days: 1 week is 7d"
	}
	for _, long := range []string{"msecs ms", "milliseconds ms", "seconds s", "minutes m", "hours h", "days d"} {
		long, short, _ := strings.Cut(long, " ")
		if strings.HasPrefix(long, strings.TrimSuffix(strings.ToLower(unit), "s")) {
			return "write " + number + short
		}
	}
	return ""
}

// splitUnit splits a text into the number that it begins with and the rest.
func splitUnit(text string) (number, unit string) {
	unit = strings.TrimLeft(text, "0123456789.")
	return text[:len(text)-len(unit)], strings.TrimSpace(unit)
}

func (r *Reader) size(n *Node, v reflect.Value) {
	if !n.isScalar() || n.Kind == Null {
		r.Errorf(n, "", "%s wants a size such as 64KiB, found %s", r.label(n), r.Found(n))
		return
	}
	size, err := ParseSize(n.Value)
	if err != nil {
		r.Errorf(n, sizeHint(n.Value), "%s wants a size such as 64KiB: %s %s", r.label(n), r.quote(n.Value), err)
		return
	}
	v.SetInt(size)
}

// sizeHint writes what was meant as it is to be written.
func sizeHint(text string) string {
	number, unit := splitUnit(text)
	if _, known := sizes[unit]; known && number != "" {
		return ""
	}
	for _, known := range []string{"KB", "MB", "GB", "KiB", "MiB", "GiB"} {
		if number != "" && (strings.EqualFold(unit, known) || strings.EqualFold(unit, known[:len(known)-1])) {
			return "write " + number + known
		}
	}
	return "write a number and a unit: B, KB, KiB, MB, MiB, GB or GiB"
}

// String is the duration as it is written in the file.
func (d Duration) String() string {
	t := time.Duration(d)
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if t >= u.unit && t%u.unit == 0 {
			return strconv.FormatInt(int64(t/u.unit), 10) + u.name
		}
	}
	return t.String()
}
