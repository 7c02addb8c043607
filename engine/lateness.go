package engine

import (
	"sync/atomic"
	"time"
)

// LateBounds are the upper bounds of the lateness histogram.
var LateBounds = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second,
}

// Lateness counts how late probes were started after they were due.
type Lateness struct {
	buckets [len(LateBounds) + 1]atomic.Uint64
	nanos   atomic.Int64
	max     atomic.Int64
}

func (l *Lateness) add(d time.Duration) {
	i := 0
	for i < len(LateBounds) && d > LateBounds[i] {
		i++
	}
	l.buckets[i].Add(1)
	l.nanos.Add(int64(d))
	if int64(d) > l.max.Load() {
		l.max.Store(int64(d))
	}
}

// Histogram is the cumulative count for each of LateBounds, the count of all
// starts, and the sum of all lateness.
func (l *Lateness) Histogram() (cumulative [len(LateBounds)]uint64, count uint64, sum time.Duration) {
	for i := range LateBounds {
		count += l.buckets[i].Load()
		cumulative[i] = count
	}
	count += l.buckets[len(LateBounds)].Load()
	return cumulative, count, time.Duration(l.nanos.Load())
}

// Max is the greatest lateness so far.
func (l *Lateness) Max() time.Duration { return time.Duration(l.max.Load()) }
