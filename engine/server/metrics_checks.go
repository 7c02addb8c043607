package server

import "polyhealth/engine"

// statuses are those that a state set tells apart, in the order of its series.
var statuses = [...]engine.Status{engine.Healthy, engine.Degraded, engine.Unhealthy, engine.Unknown}

// checks writes the families that have series for each check. Those named by the
// file's prefix call it a component, as /health does.
func (sc *scrape) checks(prefix string) {
	sc.each(prefix+"_health_status", "component", "Reported status: 1 healthy, 0.5 degraded, 0 unhealthy, -1 unknown.",
		func(r *row) { sc.text(score(r.comp.Status)) })
	sc.each(prefix+"_health_failures", "component", "Results in a row that were degraded or unhealthy.",
		func(r *row) { sc.int(int64(r.comp.Failures)) })
	sc.each("polyhealth_check_last_latency_seconds", "check", "Duration of the last probe, 0 before the first.",
		func(r *row) { sc.seconds(r.comp.Latency) })
	sc.each("polyhealth_check_last_run_timestamp_seconds", "check", "When the last probe ended, 0 before the first.",
		func(r *row) { sc.instant(r.comp.LastCheck) })
	sc.each("polyhealth_check_last_success_timestamp_seconds", "check", "When the last healthy result was, 0 before the first.",
		func(r *row) { sc.instant(r.comp.LastSuccess) })
	sc.eachStatus("polyhealth_check_status", "gauge", "1 for the status that the check reports, 0 for the others.",
		func(r *row, s engine.Status) { sc.int(one(r.comp.Status == s)) })
	sc.eachStatus("polyhealth_check_runs_total", "counter", "Probes by the status of their result, before thresholds.",
		func(r *row, s engine.Status) { sc.int(int64(r.tally.Runs(s))) })
	sc.durations("polyhealth_check_duration_seconds")
}

// score is a status as a number, with the end of its line.
func score(s engine.Status) string {
	switch s {
	case engine.Healthy:
		return "1\n"
	case engine.Degraded:
		return "0.5\n"
	case engine.Unhealthy:
		return "0\n"
	}
	return "-1\n"
}

// each writes a family of gauges, one a check; value ends the line.
func (sc *scrape) each(family, label, help string, value func(*row)) {
	sc.family(family, "gauge", help)
	head := family + "{" + label + `="`
	for i := range sc.rows {
		r := &sc.rows[i]
		sc.b = append(append(append(sc.b, head...), r.label...), `"} `...)
		value(r)
		sc.pass()
	}
}

// eachStatus writes a family with one series a check and status.
func (sc *scrape) eachStatus(family, kind, help string, value func(*row, engine.Status)) {
	sc.family(family, kind, help)
	for i := range sc.rows {
		r := &sc.rows[i]
		for _, s := range statuses {
			sc.b = append(append(append(append(sc.b, family...), `{check="`...), r.label...), `",status="`...)
			sc.b = append(append(sc.b, s.String()...), `"} `...)
			value(r, s)
		}
		sc.pass()
	}
}

// bounds are engine.Buckets as labels.
var bounds = func() (text [len(engine.Buckets)]string) {
	for i, d := range engine.Buckets {
		text[i] = string(appendSeconds(nil, d))
	}
	return text
}()

// durations writes the histogram of each check.
func (sc *scrape) durations(family string) {
	sc.family(family, "histogram", "How long probes took.")
	for i := range sc.rows {
		r := &sc.rows[i]
		cumulative, count, sum := r.tally.Histogram()
		start := len(sc.b)
		sc.b = append(append(append(append(sc.b, family...), `_bucket{check="`...), r.label...), `",le="`...)
		head := sc.b[start:] // of each line of this check
		for j := range bounds {
			if j > 0 {
				sc.b = append(sc.b, head...)
			}
			sc.b = append(append(sc.b, bounds[j]...), `"} `...)
			sc.int(int64(cumulative[j]))
		}
		sc.b = append(append(sc.b, head...), `+Inf"} `...)
		sc.int(int64(count))
		sc.b = append(append(append(append(sc.b, family...), `_sum{check="`...), r.label...), `"} `...)
		sc.seconds(sum)
		sc.b = append(append(append(append(sc.b, family...), `_count{check="`...), r.label...), `"} `...)
		sc.int(int64(count))
		sc.pass()
	}
}
