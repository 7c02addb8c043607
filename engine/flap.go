package engine

// Flaps are the last results of a component, as far as flapping is told by them: a
// component flaps once its results have changed often enough, and until they have
// settled. The zero value has had none.
//
// Each result takes two bits, the newest the lowest; the highest bit of all is
// whether it flaps.
type Flaps uint64

const (
	flapResults = 20 // that are looked at
	flapBegin   = 6  // changes among them: it flaps
	flapEnd     = 3  // changes among them, at most: it flaps no more

	flapWindow   = 1<<(2*flapResults) - 1
	flapFlapping = 1 << 63
)

// Add is with one more result. Unknown ones tell nothing.
func (f Flaps) Add(result Status) Flaps {
	if result == Unknown {
		return f
	}
	next := (f<<2 | Flaps(result)) & flapWindow
	changes := next.changes()
	if changes >= flapBegin || f.Flapping() && changes > flapEnd {
		next |= flapFlapping
	}
	return next
}

// Flapping reports whether the component flaps.
func (f Flaps) Flapping() bool { return f&flapFlapping != 0 }

// changes counts the results that differ from the one before.
func (f Flaps) changes() (n int) {
	for f &= flapWindow; f>>2 != 0; f >>= 2 {
		if f&3 != f>>2&3 {
			n++
		}
	}
	return n
}
