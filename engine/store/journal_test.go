package store

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// However results come in, and however often the journal is written, every one
// of them is in exactly one row, rows are no larger and no wider than promised,
// and no row takes another's place.
func TestPackLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]*row, 200)
		for i := range rows {
			rows[i] = &row{id: uint32(i*i*7 + 1)}
		}
		written := map[int64]block{}
		var open journal
		var all []string
		now := int64(1_700_000_000_000)
		for range rapid.IntRange(1, 4).Draw(t, "transactions") {
			var fresh []sample
			for range rapid.IntRange(0, 900).Draw(t, "results") {
				now += int64(rapid.SampledFrom([]int{0, 1, 3, 50, -20, 60_000, -3_600_000}).Draw(t, "step"))
				s := sample{rows[rapid.IntRange(0, len(rows)-1).Draw(t, "check")], now, uint16(len(all))}
				fresh = append(fresh, s)
				all = append(all, fmt.Sprint(s.row.id, s.at, s.code))
			}
			mine := open.id
			var blocks []block
			blocks, open = pack(open, fresh, func(id int64) bool { _, is := written[id]; return is })
			for _, b := range blocks {
				if _, taken := written[b.id]; taken && b.id != mine {
					t.Fatalf("row %d was overwritten", b.id)
				}
				written[b.id] = b
			}
		}
		check(t, written, all)
	})
}

func check(t *rapid.T, written map[int64]block, all []string) {
	var found []string
	for id, b := range written {
		if len(b.blob) > blobSize {
			t.Fatalf("a row holds %d bytes", len(b.blob))
		}
		n := 0
		err := eachPoint(b.blob, id, func(p point) bool {
			n++
			if p.at < b.first || p.at > b.last || p.at-id > blobSpan || id-p.at > blobSpan {
				t.Fatalf("row %d, from %d to %d, holds a result of %d", id, b.first, b.last, p.at)
			}
			found = append(found, fmt.Sprint(p.check, p.at, p.code))
			return true
		})
		if err != nil || n != b.n {
			t.Fatalf("row %d holds %d results, says %d (%v)", id, n, b.n, err)
		}
	}
	slices.Sort(found)
	slices.Sort(all)
	if !slices.Equal(found, all) {
		t.Fatalf("%d results came back of %d", len(found), len(all))
	}
}

// A row takes results until its page is full, whether they come by the hand or
// by the thousand.
func TestPackFillsPages(t *testing.T) {
	rows := make([]*row, 10_000)
	for i := range rows {
		rows[i] = &row{id: uint32(i + 1)}
	}
	for _, atOnce := range []int{1, 30, 1000, 50_000} {
		wanted := min(50_000, 4000*atOnce)
		var open journal
		written := map[int64]block{}
		now := int64(1_700_000_000_000)
		for total := 0; total < wanted; {
			var fresh []sample
			for range atOnce {
				fresh = append(fresh, sample{rows[total*7919%len(rows)], now, 0x4123})
				total++
				now++
			}
			var blocks []block
			blocks, open = pack(open, fresh, func(int64) bool { return false })
			for _, b := range blocks {
				written[b.id] = b
			}
		}
		size := 0
		for _, b := range written {
			size += len(b.blob)
		}
		if average := size / len(written); average < blobSize*9/10 {
			t.Errorf("%d results at once: a row holds %d bytes on average, of %d", atOnce, average, blobSize)
		}
	}
}
