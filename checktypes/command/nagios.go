package command

import (
	"math"
	"strconv"
	"strings"
)

// splitPlugin splits what a Nagios plugin printed into text and performance data:
// the first line up to a bar and what follows it, and in the further lines all up to
// the next bar and all that follows it.
func splitPlugin(output string) (text, perfdata string) {
	first, rest, _ := strings.Cut(output, "\n")
	text, perfdata, _ = strings.Cut(first, "|")
	more, morePerfdata, _ := strings.Cut(rest, "|")
	return strings.TrimSpace(text) + "\n" + more, perfdata + " " + morePerfdata
}

// parsePerfdata reads 'label'=value[unit];[warn];[crit];[min];[max] again and again,
// and leaves out what it cannot read and values of U, which are unknown.
func parsePerfdata(s string) map[string]*Perf {
	all := map[string]*Perf{}
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		if s == "" {
			return all
		}
		label, rest, ok := cutLabel(s)
		value := rest
		if end := strings.IndexAny(rest, " \t\r\n"); end >= 0 {
			value, rest = rest[:end], rest[end:]
		} else {
			rest = ""
		}
		if ok {
			if p := parsePerf(value); p != nil {
				all[label] = p
			} else {
				delete(all, label)
			}
		}
		s = rest
	}
}

// cutLabel cuts the label, which may be quoted (two quotes for one), and the equals
// sign off s, which is not empty.
func cutLabel(s string) (label, rest string, ok bool) {
	if s[0] != '\'' {
		if end := strings.IndexAny(s, "= \t\r\n"); end > 0 && s[end] == '=' {
			return s[:end], s[end+1:], true
		}
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
		case strings.HasPrefix(s[i+1:], "'"):
			i++
		case strings.HasPrefix(s[i+1:], "="):
			return strings.ReplaceAll(s[1:i], "''", "'"), s[i+2:], true
		default:
			return "", s[i+1:], false
		}
	}
	return "", "", false
}

func parsePerf(s string) *Perf {
	fields := append(strings.Split(s, ";"), "", "", "", "")
	digits := strings.TrimLeft(fields[0], "+-.,0123456789")
	if exponent := strings.TrimLeft(digits, "eE"); len(digits)-len(exponent) == 1 {
		if after := strings.TrimLeft(exponent, "+-"); after != strings.TrimLeft(after, "0123456789") {
			digits = strings.TrimLeft(after, "0123456789")
		}
	}
	value, ok := parseNumber(strings.TrimSuffix(fields[0], digits))
	if !ok || strings.ContainsAny(digits, "0123456789'=") {
		return nil
	}
	p := &Perf{Value: value, Unit: digits, Warn: fields[1], Crit: fields[2]}
	p.InWarn, p.InCrit = alerts(p.Warn, value), alerts(p.Crit, value)
	if n, ok := parseNumber(fields[3]); ok {
		p.Min = n
	}
	if n, ok := parseNumber(fields[4]); ok {
		p.Max = n
	}
	return p
}

// parseNumber takes a comma for a point, as plugins print in some languages.
func parseNumber(s string) (float64, bool) {
	if strings.Trim(s, "+-.,0123456789eE") != "" {
		return 0, false // neither 0x10 nor inf
	}
	n, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return n, err == nil
}

// alerts reports whether a threshold's range alerts on a value: 10 on what is not
// within 0 to 10, 10: below 10, ~:10 above, 10:20 outside of both, @10:20 inside. A
// range that is empty, or cannot be read, never does.
func alerts(threshold string, value float64) bool {
	span, inside := strings.CutPrefix(threshold, "@")
	from, to, two := strings.Cut(span, ":")
	if !two {
		from, to = "0", span
	}
	low, ok := math.Inf(-1), true
	if from != "~" {
		low, ok = parseNumber(from)
	}
	high := math.Inf(1)
	if ok && (to != "" || !two) {
		high, ok = parseNumber(to)
	}
	return ok && inside == (value >= low && value <= high)
}
