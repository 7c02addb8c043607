//go:build !race

package schema

// Under the race detector these files take long, and they find no races.

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestFormatLarge: time and memory grow as the file does.
func TestFormatLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	for _, checks := range []int{manyChecks, 10 * manyChecks} {
		want := manyLines(checks, none)
		src := strings.NewReplacer("  ", "   ", ": ", ":  ", "\n    tags", " # note\n\n\n      tags").Replace(string(want))
		want = bytes.ReplaceAll(want, []byte("\n    tags"), []byte(" # note\n\n    tags"))
		var out []byte
		took, memory := cost(func() { out = Format("f.yaml", []byte(src), NewReader()) })
		t.Logf("%d checks, %d MiB: %v, %d MiB", checks, len(src)>>20, took.Round(time.Millisecond), memory)
		if took > time.Minute || memory > uint64(len(src)>>20)*100 {
			t.Errorf("%d checks took %v and %d MiB", checks, took, memory)
		}
		if !bytes.Equal(out, want) {
			t.Errorf("%d checks became %.600s", checks, out)
		}
	}
}
