package rule

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// maxWindow is the longest window that expressions may look back over.
	maxWindow = 24 * time.Hour
	// MaxKept is how many results of a window a Memory is sure to keep.
	MaxKept = 4096
	// maxKept is how many it does keep, in 65 KiB: results come early, and late, and then
	// more of them lie in a window than the interval says.
	maxKept = MaxKept + 64
	// KeptSize is what a result takes, in bytes.
	KeptSize = 16
)

// statuses are the words for the status of a result, as count_status takes them.
var statuses = []string{"unknown", "healthy", "degraded", "unhealthy"}

// An Outcome is one result as a Memory keeps it.
type Outcome struct {
	At      time.Time
	Latency time.Duration
	// Status is unknown, healthy, degraded or unhealthy.
	Status string
	// Worked is false where the probe failed: then Latency tells nothing.
	Worked bool
}

// A Memory is what a check keeps of its earlier results, for the functions that look
// back: the results of a window, and the last values of some expressions. It keeps
// no more than the [Needs] that it was made for, and nothing by itself: whoever
// judges a result lends it to the machine, and adds what came of the result. A nil
// Memory is one that knows of nothing. It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	needs   *Needs
	values  []past
	results []kept    // in the order of time
	lost    int64     // when the last one was that is not there for want of room
	live    time.Time // of the first result that Add was told of
}

// A past is an expression's value in the last result that had one.
type past struct {
	key   string
	print uint64
	// value is the last one of a kind that rate and delta take, and when it was found;
	// nil where there was none.
	value any
	at    time.Time
}

// kept is an Outcome in KeptSize bytes. The lowest bits of its nanoseconds are its status,
// and whether the probe worked.
type kept struct {
	stamp   int64
	latency time.Duration
}

func keep(o Outcome) kept {
	flags := int64(max(0, slices.Index(statuses, o.Status)))
	if o.Worked {
		flags |= 4
	}
	return kept{o.At.UnixNano()&^7 | flags, o.Latency}
}

func (k kept) at() int64    { return k.stamp &^ 7 }
func (k kept) status() int  { return int(k.stamp & 3) }
func (k kept) worked() bool { return k.stamp&4 != 0 }

// NewMemory makes the empty memory of a check whose expressions have these needs;
// nil where they have none.
func NewMemory(n *Needs) *Memory {
	if n == nil {
		return nil
	}
	return &Memory{needs: n}
}

// Adapt makes the memory keep what n needs from now on, and lets go of the rest.
func (m *Memory) Adapt(n *Needs) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.needs = n
	m.values = slices.DeleteFunc(m.values, func(p past) bool { return !n.watches(p.key) })
	m.trim()
}

// Add keeps a result, the newest, and the notes taken of it.
func (m *Memory) Add(o Outcome, notes Notes) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.live.IsZero() {
		m.live = o.At
	}
	if m.needs.Window > 0 {
		k := keep(o)
		// What is later than the newest is from before the clock was turned back.
		from, _ := slices.BinarySearchFunc(m.results, k.at(), later)
		m.results = append(m.results[:from], k)
		m.trim()
	}
	for _, n := range notes {
		if m.needs.watches(n.key) {
			n.at = o.At
			m.remember(n)
		}
	}
}

// later orders a result against a moment, so that a search finds the first that is
// later.
func later(k kept, at int64) int {
	if k.at() > at {
		return 1
	}
	return -1
}

func (m *Memory) remember(p past) {
	i := slices.IndexFunc(m.values, func(o past) bool { return o.key == p.key })
	switch {
	case i < 0:
		m.values = append(m.values, p)
	case p.value == nil:
		m.values[i].print = p.print
	default:
		m.values[i] = p
	}
}

// Backfill keeps a result from before the start, which a history told of. One that
// Add may have been told of as well is left out.
func (m *Memory) Backfill(o Outcome) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.needs.Window == 0 || !m.live.IsZero() && !o.At.Before(m.live.Truncate(time.Millisecond)) {
		return
	}
	k := keep(o)
	i, _ := slices.BinarySearchFunc(m.results, k.at(), later)
	m.results = slices.Insert(m.results, i, k)
	m.trim()
}

// trim lets go of what no window reaches.
func (m *Memory) trim() {
	n := len(m.results)
	if n == 0 {
		return
	}
	oldest := m.results[n-1].at() - int64(m.needs.Window)
	from, _ := slices.BinarySearchFunc(m.results, oldest, later)
	if over := n - maxKept; over > from {
		from, m.lost = over, m.results[over-1].at()
	}
	m.results = m.results[from:] // append lets go of what is before
}

// earlier is what is known of an expression's value.
func (m *Memory) earlier(key string) (past, bool) {
	if m == nil {
		return past{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.values {
		if p.key == key {
			return p, true
		}
	}
	return past{}, false
}

// errCrowded is the error of a window that reaches back over more than is kept: what is
// there would pass for all.
var errCrowded = fmt.Errorf("there are more than %d results in that time, and only the newest are kept", maxKept)

// each calls f for the results later than from and not later than to, the newest
// first, and returns how many steps that took.
func (m *Memory) each(from, to time.Time, f func(kept)) (steps uint, err error) {
	if m == nil {
		return 1, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	first, last := from.UnixNano(), to.UnixNano()
	if m.lost > first && m.lost <= last {
		return 1, errCrowded
	}
	i := len(m.results) - 1
	for ; i >= 0 && m.results[i].at() > first; i-- {
		if m.results[i].at() <= last {
			f(m.results[i])
		}
	}
	return uint(len(m.results) - i), nil
}
