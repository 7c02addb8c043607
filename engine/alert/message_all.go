package alert

import (
	"fmt"
	"strings"

	"polyhealth/engine"
)

// mostNamed is how many of the components that a message is of are named in its text.
const mostNamed = 10

// titleOfAll counts: `🚨 120 UNHEALTHY, ⚠️ 3 DEGRADED, ✅ 2 HEALTHY`.
func (m Message) titleOfAll() string {
	counts, gone := map[engine.Status]int{}, 0
	for _, one := range m.All {
		if one.Gone != "" {
			gone++
		} else {
			counts[one.Status]++
		}
	}
	var parts []string
	for _, s := range []engine.Status{engine.Unhealthy, engine.Degraded, engine.Unknown, engine.Healthy} {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d %s", symbol(s), n, strings.ToUpper(s.String())))
		}
	}
	if gone > 0 {
		parts = append(parts, fmt.Sprintf("✅ %d no longer watched", gone))
	}
	return strings.Join(parts, ", ")
}

// linesOfAll names the first.
func (m Message) linesOfAll() (lines []Line) {
	for _, one := range m.All[:min(len(m.All), mostNamed)] {
		text := one.Gone
		if text == "" {
			text = strings.TrimSuffix(one.state()+": "+one.Message, ": ")
		}
		lines = append(lines, Line{one.Check, text})
	}
	if more := len(m.All) - mostNamed; more > 0 {
		lines = append(lines, Line{"and", fmt.Sprintf("%d more", more)})
	}
	return lines
}

// state is the status, or that it flaps.
func (m Message) state() string {
	if m.Event == Flapping {
		return "flapping"
	}
	return m.Status.String()
}
