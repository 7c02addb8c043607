package rule

import (
	"hash/maphash"
	"maps"
	"math"
	"slices"
	"time"
)

// seed is another one in each process, so that nobody can make two texts that look
// alike.
var seed = maphash.MakeSeed()

// fingerprint is equal for values that == calls equal, and in all likelihood for no
// others. It is worth nothing where the walk had to stop.
func fingerprint(v any, w *walk) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	printValue(&h, v, w)
	return h.Sum64()
}

// printValue writes a value so that no other is written alike: its kind, and where
// it is not of one size its length, come first.
func printValue(h *maphash.Hash, v any, w *walk) {
	if !w.enter(1) {
		return
	}
	v = plain(v)
	k := kindOf(v)
	h.WriteByte(byte(k.class()))
	switch k {
	case boolean:
		printText(h, formatValue(v), w)
	case integer, float:
		f := toFloat64(v)
		if n, err := whole(v); err == nil && int(f) != n {
			printNumber(h, uint64(n)) // an int that no float is equal to
		}
		printNumber(h, math.Float64bits(f+0)) // and not -0
	case duration:
		printNumber(h, uint64(v.(time.Duration)))
	case moment:
		printNumber(h, uint64(v.(time.Time).UnixNano()))
	case text:
		printText(h, v.(string), w)
	case semantic:
		printText(h, v.(version).normal(), w)
	case list:
		l := asList(v)
		printNumber(h, uint64(len(l)))
		for i := 0; i < len(l) && w.err() == nil; i++ {
			printValue(h, l[i], w)
		}
	case mapping, record:
		m := asMap(v)
		printNumber(h, uint64(len(m)))
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if w.err() != nil {
				return
			}
			printText(h, key, w)
			printValue(h, m[key], w)
		}
	}
	if w.err() == nil {
		w.leave()
	}
}

func printNumber(h *maphash.Hash, n uint64) { maphash.WriteComparable(h, n) }

func printText(h *maphash.Hash, s string, w *walk) {
	w.steps += textCost(s)
	printNumber(h, uint64(len(s)))
	h.WriteString(s)
}
