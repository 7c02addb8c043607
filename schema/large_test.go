//go:build !race

package schema

// Under the race detector these files take minutes, and they find no races.

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestLarge: a file that is too large is not looked into, and one that is not is
// read to its end.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	r, took, memory := measured(repeated("a", MaxFile))
	if ds := r.Diagnostics(); len(ds) != 1 || ds[0].Message != "the file is larger than 64 MiB" || took > 5*time.Second || memory > 1 {
		t.Errorf("%v and %d MiB: %v", took, memory, ds)
	}
	random := make([]byte, 60<<20)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(source.IntN(256))
	}
	for _, c := range []struct{ name, text, message string }{
		{"random", string(random), "the file"},
		{"letters", repeated("a", 60<<20), "the file is a map of keys, found the text"},
		{"long lines", repeated(strings.Repeat("a ", 50)+"\n", 60<<20), "the file is a map of keys, found the text"},
		{"tabs", repeated("\t", 60<<20), "a tab cannot indent YAML"},
		{"a mistake at its end", "a: |\n" + repeated("  "+strings.Repeat("a ", 50)+"\n", 60<<20) + "b: [\n", "the list that is opened here is not closed"},
		{"open lists", repeated("[", 60<<20), "million lines and parts"},
		{"newlines", repeated("\n", 60<<20), "million lines and parts"},
		{"keys", repeated("a: b\n", 60<<20), "million lines and parts"},
		{"list", "[" + repeated("a,", 60<<20), "million lines and parts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, took, memory := measured(c.text)
			ds := r.Diagnostics()
			t.Logf("%v, %d MiB, %d mistakes: %.80s", took.Round(time.Millisecond), memory, len(ds), ds[0].Message)
			if !strings.Contains(ds[0].Message, c.message) || took > time.Minute {
				t.Errorf("took %v and %d MiB: %s", took, memory, ds[0].Message)
			}
		})
		runtime.GC()
	}
}
