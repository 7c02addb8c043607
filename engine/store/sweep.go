package store

import (
	"time"

	"polyhealth/engine"
)

// How much a second may be swept: rows of service_health, and of checks. The
// latter go around within sweepWithin however many there are.
const (
	sweepListed = 200
	sweepSaved  = 32
	sweepWithin = 300 // seconds
)

// slack is how much later than its time a result may be observed.
const slack = 10 * time.Second

// A hand goes around the rows, twice at once: for service_health and for checks.
type hand struct {
	listed, saved int       // where it stands
	began         time.Time // when the round over checks began
	base          int64     // checks holds every result before this time
	swept         time.Time // when it last moved
}

// restart is the hand at the beginning of a round. What it had promised stays.
func (h hand) restart() hand {
	h.listed, h.saved = 0, 0
	return h
}

// work is one transaction's share of what is pending: copies, which Observe does
// not change any more.
type work struct {
	samples     []sample
	transitions []change
	urgent      []*row
	leaving     []*row
	notified    map[memo]engine.Notified
	alerts      []engine.AlertRecord
	silences    map[string]*engine.Silence
	repairs     []repair
	list        []copied // for service_health
	save        []copied // for checks
	base        int64    // for history
	after       []func() // see After
}

// copied is a row as it was when it was taken.
type copied struct {
	row        *row
	component  *engine.Component
	state      engine.State
	thresholds engine.Thresholds
}

func (w *work) empty() bool {
	return len(w.samples)+len(w.transitions)+len(w.leaving)+len(w.notified)+len(w.list)+len(w.save)+len(w.alerts)+len(w.silences)+len(w.repairs)+len(w.after) == 0
}

// take takes what the next transaction should write: everything that cannot wait
// and what the hand passes; all of it where all is true.
func (s *Store) take(now time.Time, all bool) *work {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &work{
		samples: s.samples, transitions: s.transitions, urgent: s.urgent, leaving: s.leaving, notified: s.notified, alerts: s.alerts, silences: s.silences, repairs: s.repairs, after: s.after,
	}
	s.flying = len(w.samples) + len(w.transitions)
	s.samples, s.transitions, s.urgent, s.leaving, s.alerts, s.repairs, s.after = nil, nil, nil, nil, nil, nil, nil
	s.notified, s.silences = map[memo]engine.Notified{}, map[string]*engine.Silence{}
	s.since, s.pressing = time.Time{}, time.Time{}
	for _, r := range w.urgent {
		r.urgent = false
		s.takeRow(w, r, true, true)
	}
	s.sweep(w, now, all)
	return w
}

// takeRow takes those halves of a row that are asked for and have changed.
func (s *Store) takeRow(w *work, r *row, list, save bool) {
	if s.rows[r.name] != r {
		return // it left meanwhile
	}
	c := copied{r, r.component, r.state, r.thresholds}
	if list && r.component != nil && (r.moved || !r.listed) {
		r.moved, r.listed = false, true
		w.list = append(w.list, c)
	}
	if save && r.advanced {
		r.advanced = false
		w.save = append(w.save, c)
	}
}

// sweep moves the hand over as many rows as time allows.
func (s *Store) sweep(w *work, now time.Time, all bool) {
	h := &s.hand
	seconds := min(1, now.Sub(h.swept).Seconds())
	list, save := int(sweepListed*seconds), int(max(sweepSaved, float64(len(s.order))/sweepWithin)*seconds)
	if all {
		list, save = len(s.order), len(s.order)
	}
	h.swept = now
	list, save = list+len(w.list), save+len(w.save) // what is urgent does not hold up the rest
	for n := 0; n < len(s.order) && len(w.list) < list; n++ {
		s.takeRow(w, s.order[h.listed%len(s.order)], true, false)
		h.listed++
	}
	for n := 0; n < len(s.order) && len(w.save) < save; n++ {
		if h.saved >= len(s.order) || h.began.IsZero() {
			h.turn(now)
		}
		s.takeRow(w, s.order[h.saved], false, true)
		h.saved++
	}
	w.base = h.base
	if s.behind() {
		s.stay(now)
	} else {
		w.base = now.Add(-slack).UnixMilli()
	}
}

// turn begins a round over checks. All that was observed before the last one
// began has been taken by now.
func (h *hand) turn(now time.Time) {
	if !h.began.IsZero() {
		h.base = h.began.Add(-slack).UnixMilli()
	}
	h.saved, h.began = 0, now
}

// behind reports whether anything is left for the hand.
func (s *Store) behind() bool {
	for _, r := range s.order {
		if r.advanced || r.moved && r.component != nil {
			return true
		}
	}
	return false
}

// stay keeps the writer awake for what the hand has yet to pass.
func (s *Store) stay(now time.Time) {
	if s.since.IsZero() {
		s.since = now
	}
}

// giveBack returns what could not be written, to be tried again. What was
// observed since is newer.
func (s *Store) giveBack(w *work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flying = 0
	s.samples = append(w.samples, s.samples...)
	s.transitions = append(w.transitions, s.transitions...)
	s.leaving = append(w.leaving, s.leaving...)
	s.alerts = append(w.alerts, s.alerts...)
	s.repairs = append(w.repairs, s.repairs...)
	s.after = append(w.after, s.after...)
	for _, r := range w.urgent {
		s.press(r)
	}
	for _, c := range w.list {
		c.row.moved = true
	}
	for _, c := range w.save {
		c.row.advanced = true
	}
	for key, n := range w.notified {
		if _, newer := s.notified[key]; !newer {
			s.notified[key] = n
		}
	}
	for id, one := range w.silences {
		if _, newer := s.silences[id]; !newer {
			s.silences[id] = one
		}
	}
	s.hand = s.hand.restart()
	s.trim()
	s.stay(time.Now())
}
