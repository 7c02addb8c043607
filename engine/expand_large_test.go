//go:build !race

package engine

// Under the race detector this takes minutes, and it finds no races.

import (
	"strings"
	"testing"
)

// for_each cannot be made to fill the memory.
func TestLargeExpansion(t *testing.T) {
	list := "[" + strings.Repeat("a, ", 55_000) + "a]"
	src := "checks: {a: {fake: x, tags: [" + strings.Repeat("'{{ each.key }}', ", 100) + "b], for_each: " + list + "}}"
	_, text := tryCompile(newTarget(), src, nil)
	if !strings.Contains(text, "for_each makes the file too large: more than 5 million values") {
		t.Errorf("it says %.300s", text)
	}
}
