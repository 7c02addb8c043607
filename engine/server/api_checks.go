package server

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"polyhealth/engine"
)

// hour is how many minutes a sparkline has.
const hour = 60

// checks answers GET /api/v1/checks: every component with its type, cadence and
// sparkline, in file order. ?name=NAME, any number of times, asks for those only,
// and ?sparkline=false leaves the sparklines out.
func (s *Server) checks(w http.ResponseWriter, r *http.Request, _ string) {
	now, query := time.Now(), r.URL.Query()
	all := s.view.Components(nil)
	redact, sparkline := s.redact(), query.Get("sparkline") != "false"
	out := pieces{w: w}
	w.Header().Set("Content-Type", "application/json")
	out.b = appendSummary(append(out.b, '{'), countOf(all), now)
	out.b = append(out.b, `,"checks":[`...)
	for i, c := range s.chosen(all, query) {
		if i > 0 {
			out.b = append(out.b, ',')
		}
		out.b = appendCheck(append(out.b, '{'), c, redact)
		if sparkline {
			out.b = appendSparkline(out.b, s.view.Minutes(c.Check.Name, now), now)
		}
		out.b = append(out.b, '}')
		if out.pass(); out.err != nil {
			return
		}
	}
	out.b = append(out.b, "]}\n"...)
	out.flush()
}

// chosen are the components that a query names, or all.
func (s *Server) chosen(all []*engine.Component, query url.Values) []*engine.Component {
	names, some := query["name"]
	if !some {
		return all
	}
	var chosen []*engine.Component
	for _, name := range names {
		if c := s.view.Component(name); c != nil {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// appendSummary appends the keys that sum all checks up.
func appendSummary(b []byte, c counts, now time.Time) []byte {
	b = append(append(append(b, `"status":"`...), c.overall.String()...), '"')
	b = appendTime(append(b, `,"timestamp":`...), now)
	b = append(b, `,"counts":{`...)
	for i, s := range statuses {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), s.String()...), `":`...)
		b = strconv.AppendInt(b, int64(c.byStatus[s]), 10)
	}
	return append(b, '}')
}

// appendCheck appends the keys of a component with those of its check.
func appendCheck(b []byte, c *engine.Component, redact func(string) string) []byte {
	b = appendFields(b, c, redact)
	b = strconv.AppendUint(append(b, `,"seq":`...), c.Seq, 10)
	if c.Check.Type != nil {
		b = appendString(append(b, `,"type":`...), c.Check.Type.Name)
	}
	if c.Check.Cron != nil {
		b = appendString(append(b, `,"schedule":`...), c.Check.Keys.Schedule)
		if zone := c.Check.Keys.Timezone; zone != "" {
			b = appendString(append(b, `,"timezone":`...), zone)
		}
	} else {
		b = appendMillis(append(b, `,"interval_ms":`...), c.Check.Interval)
	}
	return appendMillis(append(b, `,"timeout_ms":`...), c.Check.Timeout)
}

// appendSparkline appends the last hour by the minute, oldest first and ending
// with the minute of now: the greatest latency in milliseconds or null, and the
// worst status by its first letter, ? for unknown and . where there was no result.
func appendSparkline(b []byte, minutes []engine.Minute, now time.Time) []byte {
	first := now.Unix()/60 - hour + 1
	var worst [hour]byte
	b = append(b, `,"sparkline":[`...)
	for i := range worst {
		for len(minutes) > 0 && minutes[0].Start.Unix()/60 < first+int64(i) {
			minutes = minutes[1:]
		}
		if i > 0 {
			b = append(b, ',')
		}
		worst[i] = '.'
		if len(minutes) == 0 || minutes[0].Start.Unix()/60 != first+int64(i) {
			b = append(b, "null"...)
			continue
		}
		b = strconv.AppendInt(b, minutes[0].Latency.Milliseconds(), 10)
		worst[i] = letter(minutes[0].Worst)
	}
	return append(append(append(b, `],"sparkline_status":"`...), worst[:]...), '"')
}

func letter(s engine.Status) byte {
	if s == engine.Unknown {
		return '?'
	}
	return s.String()[0]
}
