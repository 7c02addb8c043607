package server

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"polyhealth/engine"
)

// check answers GET /api/v1/checks/{name}: the check with its thresholds, its
// rules and its last hour, and whether there is a history to ask for.
func (s *Server) check(w http.ResponseWriter, _ *http.Request, name string) {
	c := s.view.Component(name)
	if c == nil {
		writeError(w, http.StatusNotFound, "Component not found")
		return
	}
	now, redact := time.Now(), s.redact()
	b := appendCheck([]byte{'{'}, c, redact)
	t := c.Check.Thresholds
	b = fmt.Appendf(b, `,"thresholds":{"degraded":%d,"unhealthy":%d,"healthy":%d}`, t.Degraded, t.Unhealthy, t.Healthy)
	b = appendStrings(append(b, `,"routes":`...), c.Check.Routes)
	b = appendRules(append(b, `,"rules":`...), c.Check.Keys.Rules, redact)
	b = strconv.AppendBool(append(b, `,"history":`...), s.from.History != nil)
	minutes := s.view.Minutes(name, now)
	b = appendSparkline(b, minutes, now)
	b = appendMinutes(append(b, `,"minutes":`...), minutes)
	writeJSON(w, http.StatusOK, append(b, "}\n"...))
}

// appendRules appends the rules of each status, in the order in which they are
// tried.
func appendRules(b []byte, rules engine.Rules, redact func(string) string) []byte {
	b = append(b, '{')
	for _, of := range []struct {
		status engine.Status
		list   engine.Expressions
	}{
		{engine.Unknown, rules.Unknown}, {engine.Unhealthy, rules.Unhealthy},
		{engine.Degraded, rules.Degraded}, {engine.Healthy, rules.Healthy},
	} {
		if len(of.list) == 0 {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		texts := make([]string, len(of.list))
		for i, n := range of.list {
			texts[i] = redact(n.Value)
		}
		b = appendStrings(append(appendString(b, of.status.String()), ':'), texts)
	}
	return append(b, '}')
}

// appendMinutes appends the minutes that had results, oldest first.
func appendMinutes(b []byte, minutes []engine.Minute) []byte {
	b = append(b, '[')
	for i, m := range minutes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTime(append(b, `{"start":`...), m.Start)
		b = strconv.AppendInt(append(b, `,"count":`...), int64(m.Count), 10)
		b = append(append(append(b, `,"worst":"`...), m.Worst.String()...), '"')
		b = appendMillis(append(b, `,"max_latency_ms":`...), m.Latency)
		b = append(b, '}')
	}
	return append(b, ']')
}
