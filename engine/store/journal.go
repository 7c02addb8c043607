package store

import (
	"cmp"
	"slices"
	"time"
)

const (
	// blobSize is what a row of the history holds at most, in bytes: with its other
	// columns it fills one page of the database and needs no second one.
	blobSize = 4000
	// blobSpan is how far the times of a row may be from its id. It bounds how many
	// rows a reader must look at besides those it wants.
	blobSpan = int64(10 * time.Minute / time.Millisecond)
)

// minPoint is the least that a point takes of a blob, in bytes.
const minPoint = 4

// A journal is a row of the history while it is being filled.
type journal struct {
	id      int64 // 0: not begun
	samples []sample
}

// A block is a row of the history as it is written.
type block struct {
	id, first, last int64
	n               int
	blob            []byte
}

// pack adds samples to the row that is open and to as many more as they need. It
// returns the rows to write and the one that is open then. taken reports whether
// there is a row of that id already.
func pack(open journal, fresh []sample, taken func(id int64) bool) (blocks []block, _ journal) {
	used := map[int64]bool{}
	for len(fresh) > 0 {
		if open.id == 0 {
			open.id = fresh[0].at
			for used[open.id] || taken(open.id) {
				open.id++
			}
		}
		n := open.room(fresh)
		if n == 0 {
			open = journal{}
			continue
		}
		open.samples = append(slices.Clip(open.samples), fresh[:n]...)
		fresh = fresh[n:]
		used[open.id] = true
		blocks = append(blocks, open.block())
	}
	return blocks, open
}

// room is how many of the samples the row can take.
func (j journal) room(fresh []sample) int {
	near, most := 0, max(0, blobSize/minPoint-len(j.samples))
	for near < min(len(fresh), most) && max(fresh[near].at-j.id, j.id-fresh[near].at) <= blobSpan {
		near++
	}
	if near == 0 && len(j.samples) == 0 {
		near = 1 // its own id was taken by a row blobSpan away: one sample is always at home
	}
	all := append(slices.Clip(j.samples), fresh[:near]...)
	n := len(all)
	for n > len(j.samples) {
		size := len(encode(all[:n], j.id))
		if size <= blobSize {
			break
		}
		n = min(n-1, n*blobSize/size)
	}
	return max(n-len(j.samples), 0)
}

func (j journal) block() block {
	b := block{id: j.id, n: len(j.samples), blob: encode(j.samples, j.id)}
	b.first, b.last = j.samples[0].at, j.samples[0].at
	for _, s := range j.samples {
		b.first, b.last = min(b.first, s.at), max(b.last, s.at)
	}
	return b
}

// encode is the blob of samples in any order.
func encode(samples []sample, base int64) []byte {
	points := make([]point, len(samples))
	for i, s := range samples {
		points[i] = point{s.row.id, s.at, s.code}
	}
	slices.SortStableFunc(points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.check, b.check), cmp.Compare(a.at, b.at))
	})
	return appendPoints(make([]byte, 0, 6*len(points)+1), points, base)
}
