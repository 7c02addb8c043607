package engine

import "time"

// State is what polyhealth remembers of a component between results. The zero
// value is a component that has had none. It is small, comparable, and all that
// a restart needs.
type State struct {
	// Reported is what the component reports; Unknown before the first result.
	Reported Status `json:"reported"`
	// Level is the last reported status that was not unknown; Unknown before the
	// first such.
	Level Status `json:"level"`
	// Failures counts results in a row that were degraded or unhealthy, Worst
	// those that were unhealthy.
	Failures int `json:"failures,omitempty"`
	Worst    int `json:"worst,omitempty"`
	// Better counts results in a row better than Level, and BetterWorst is the
	// worst of them.
	Better      int    `json:"better,omitempty"`
	BetterWorst Status `json:"better_worst,omitempty"`

	Since       time.Time     `json:"since"`        // of the last transition
	LastCheck   time.Time     `json:"last_check"`   // of the last result
	LastSuccess time.Time     `json:"last_success"` // of the last healthy result
	LastStatus  Status        `json:"last_status"`  // of the last result
	LastLatency time.Duration `json:"last_latency"` // of the last result

	// Flaps tell whether results come and go.
	Flaps Flaps `json:"flaps,omitempty"`
}

// Advance is the state after one more result, of the given status, at the given
// time. It is the only place where thresholds are applied:
//
//   - Worse: the reported status becomes the worst level whose threshold is met by
//     results in a row at least as bad as that level.
//   - Better: after t.Healthy results in a row better than what is reported, the
//     worst of those. The very first healthy result is reported at once.
//   - Unknown is reported at once; it neither counts nor clears a row, and the next
//     other result goes on from where the rows were.
func Advance(s State, result Status, t Thresholds, at time.Time) State {
	s.LastCheck, s.LastStatus = at, result
	s.Flaps = s.Flaps.Add(result)
	before := s.Reported
	if result == Unknown {
		s.Reported = Unknown
	} else {
		s.count(result)
		s.decide(result, t)
		s.Reported = s.Level
	}
	if result == Healthy {
		s.LastSuccess = at
	}
	if s.Reported != before || s.Since.IsZero() {
		s.Since = at
	}
	return s
}

// count brings the rows up to date with a result that is not unknown.
func (s *State) count(result Status) {
	s.Failures = inARow(s.Failures, result >= Degraded)
	s.Worst = inARow(s.Worst, result >= Unhealthy)
	s.Better = inARow(s.Better, result < s.Level)
	if s.Better == 0 {
		s.BetterWorst = Unknown
	} else {
		s.BetterWorst = max(s.BetterWorst, result)
	}
}

func inARow(n int, again bool) int {
	if again {
		return n + 1
	}
	return 0
}

// decide moves Level where a threshold is met.
func (s *State) decide(result Status, t Thresholds) {
	met := Unknown
	switch {
	case s.Worst >= t.Unhealthy:
		met = Unhealthy
	case s.Failures >= t.Degraded:
		met = Degraded
	}
	switch {
	case met > s.Level:
		s.Level, s.Better, s.BetterWorst = met, 0, Unknown
	case s.Level == Unknown && result == Healthy:
		s.Level = Healthy
	case s.Better >= t.Healthy && s.BetterWorst != Unknown:
		s.Level, s.Better, s.BetterWorst = s.BetterWorst, 0, Unknown
	}
}

// Confirmed reports whether the last result agrees with what is reported. While
// it does not, a check's retry_interval replaces its interval.
func (s State) Confirmed() bool { return s.LastStatus == s.Reported }
