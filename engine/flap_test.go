package engine

import (
	"strings"
	"testing"
)

// The truth table of flapping: results in order, and from which on it flaps and no
// more.
func TestFlaps(t *testing.T) {
	for _, c := range []struct {
		name, results string
		begins, ends  int // after how many results; 0 for never
	}{
		{"all is well", strings.Repeat("H", 40), 0, 0},
		{"an outage is two changes", "HHHHUUUUUUHHHHHHHHHHHHHHHHHH", 0, 0},
		{"six changes", "HUHUHUH", 7, 0},
		{"five changes", "HUHUHU" + strings.Repeat("U", 30), 0, 0},
		{"degraded counts as another", "HDUHDUH", 7, 0},
		{"the first result is no change", "UHUHUH", 0, 0},
		{"unknown tells nothing", "H?U?H?U?H?U?H", 13, 0},
		{"unknown between the same is no change", "H?H?H?H?H?H?H", 0, 0},
		{"six changes over more than twenty results", "HUUUUUHHHHHUUUUUHHHHHUUUUUHHHHHUUUUU", 0, 0},
		{"six changes within twenty results", "HUUUHHHUUUHHHUUUHHH", 17, 0},
		// Of the changes at 2 to 7, the window of twenty holds those after its first:
		// after 23 results it begins with the fourth, and holds three.
		{"it settles", "HUHUHUH" + strings.Repeat("H", 30), 7, 23},
		{"four changes do not end it", "HUHUHUHHHHHHHHHHHHHHHH", 7, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f Flaps
			begins, ends := 0, 0
			for i := range c.results {
				was := f.Flapping()
				f = f.Add(letter(c.results[i]))
				switch is := f.Flapping(); {
				case is && !was && begins == 0:
					begins = i + 1
				case was && !is && ends == 0:
					ends = i + 1
				}
			}
			if begins != c.begins || ends != c.ends {
				t.Errorf("it flaps after %d and no more after %d results, want %d and %d", begins, ends, c.begins, c.ends)
			}
		})
	}
}
