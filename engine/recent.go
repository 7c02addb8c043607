package engine

import (
	"sync"
	"time"
)

// A Minute is one minute of a check's results.
type Minute struct {
	Start   time.Time
	Latency time.Duration // the greatest; to a millisecond
	Worst   Status        // Unknown counts as least
	Count   int
}

// recent keeps a check's last hour by the minute, for sparklines, in a fixed
// 500 bytes.
type recent struct {
	mu   sync.Mutex
	last int64 // the newest minute, in minutes since 1970
	ring [60]minute
}

type minute struct {
	millis uint32
	count  uint16
	worst  Status
}

// add counts a result. Results older than the hour before the newest are
// ignored.
func (r *recent) add(res Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := res.At.Unix() / 60
	if m <= r.last-int64(len(r.ring)) {
		return
	}
	for clear := max(r.last+1, m-int64(len(r.ring))+1); clear <= m; clear++ {
		r.ring[clear%int64(len(r.ring))] = minute{}
	}
	r.last = max(r.last, m)
	slot := &r.ring[m%int64(len(r.ring))]
	slot.millis = max(slot.millis, uint32(min(res.Latency.Milliseconds(), 1<<32-1)))
	slot.worst = max(slot.worst, res.Status)
	if slot.count < 1<<16-1 {
		slot.count++
	}
}

// minutes appends the minutes that had results in the hour before now, oldest
// first.
func (r *recent) minutes(dst []Minute, now time.Time) []Minute {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := int64(len(r.ring))
	from := max(now.Unix()/60, r.last) - n + 1
	for m := from; m <= r.last; m++ {
		if slot := r.ring[m%n]; slot.count > 0 {
			dst = append(dst, Minute{
				Start: time.Unix(m*60, 0), Latency: time.Duration(slot.millis) * time.Millisecond,
				Worst: slot.worst, Count: int(slot.count),
			})
		}
	}
	return dst
}
