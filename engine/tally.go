package engine

import (
	"sync/atomic"
	"time"
)

// Buckets are the upper bounds of the probe duration histogram.
var Buckets = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// A Tally counts one check's results since it was added. One goroutine writes
// at a time; any may read.
type Tally struct {
	runs    [4]atomic.Uint64 // by Status
	buckets [len(Buckets) + 1]atomic.Uint32
	nanos   atomic.Int64
}

func (t *Tally) add(r Result) {
	t.runs[r.Status].Add(1)
	i := 0
	for i < len(Buckets) && r.Latency > Buckets[i] {
		i++
	}
	t.buckets[i].Add(1)
	t.nanos.Add(int64(r.Latency))
}

// Runs is how many results had the status.
func (t *Tally) Runs(s Status) uint64 { return t.runs[s].Load() }

// Histogram is the cumulative count for each of Buckets, the count of all, and
// the sum of all latencies.
func (t *Tally) Histogram() (cumulative [len(Buckets)]uint64, count uint64, sum time.Duration) {
	for i := range Buckets {
		count += uint64(t.buckets[i].Load())
		cumulative[i] = count
	}
	count += uint64(t.buckets[len(Buckets)].Load())
	return cumulative, count, time.Duration(t.nanos.Load())
}
