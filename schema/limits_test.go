package schema

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestTruncated: each beginning of a file is read soon and without a panic, and is
// either valid or has a mistake within it.
func TestTruncated(t *testing.T) {
	src, err := os.ReadFile("../checks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	longest := time.Duration(0)
	for i := range len(src) + 1 {
		begun := string(src[:i])
		start := time.Now()
		r := NewReader()
		root := Parse("checks.yaml", []byte(begun), sampleEnv(), r).Root
		ds := r.Diagnostics()
		longest = max(longest, time.Since(start))
		checkWithin(t, begun, ds)
		if (len(ds) == 0) == r.Failed() || root == nil {
			t.Fatalf("%d bytes: %d mistakes, failed %v", i, len(ds), r.Failed())
		}
		if len(ds) == 0 && len(root.Entries) == 0 {
			t.Fatalf("%d bytes: nothing is read, and nothing is wrong", i)
		}
	}
	if longest > time.Second {
		t.Errorf("the longest took %v", longest)
	}
}

// measured reads a text, and tells the time and the allocated memory, in MiB, that
// took.
func measured(text string) (r *Reader, took time.Duration, memory uint64) {
	src := []byte(text)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	r = NewReader()
	Parse("f.yaml", src, sampleEnv(), r)
	r.Diagnostics()
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return r, took, (after.TotalAlloc - before.TotalAlloc) >> 20
}

// repeated is a text of about so many bytes.
func repeated(part string, size int) string { return strings.Repeat(part, size/len(part)+1) }

// TestHostile: what is made to cost time or memory costs little of either.
func TestHostile(t *testing.T) {
	const kib100 = 100 << 10
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := range 20 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	merges := "m0: &m0 {k: v}\n"
	for i := range 200 {
		merges += fmt.Sprintf("m%d: &m%d {<<: [*m%d, *m%d], k%d: v}\n", i+1, i+1, i, i, i)
	}
	for _, c := range []struct{ name, text string }{
		{"bomb", bomb},
		{"bomb of merges", merges},
		{"bomb in one line", "{" + strings.ReplaceAll(strings.TrimSuffix(bomb, "\n"), "\n", ", ") + "}"},
		{"aliases", "a: &a [x, x]\nb: [" + repeated("*a, ", kib100) + "]\n"},
		{"open lists", "a: " + repeated("[", kib100)},
		{"open maps", "a: " + repeated("{a: ", kib100)},
		{"nested lists in blocks", repeated("- ", kib100)},
		{"complex keys", repeated("? ", kib100)},
		{"quotes", repeated(`"`, kib100)},
		{"open quotes", repeated("a: \"x\n", kib100)},
		{"colons", repeated(": ", kib100)},
		{"anchors", repeated("&a ", kib100)},
		{"tags", repeated("!a ", kib100)},
		{"tagged values", "[" + repeated("!a x, ", kib100) + "]"},
		{"comments", repeated("#\n", kib100)},
		{"comments, then a mistake", repeated("# a\n\n", kib100) + "a: [\n"},
		{"documents", repeated("---\n", kib100)},
		{"tabs", repeated("\t", kib100)},
		{"duplicate keys", repeated("a: b\n", kib100)},
		{"duplicate keys in one line", "{" + repeated("a: b, ", kib100) + "}"},
		{"duplicate keys in one line, not ASCII", "{é: é, " + repeated("é: b, ", kib100) + "}"},
		{"variables", "a: " + repeated("${X}", kib100)},
		{"variables in a block", "a: |\n" + repeated("  ${X}\n", kib100)},
		{"variables in one line, not ASCII", "[" + repeated(`"é${X}", `, kib100) + "]"},
		{"open variables", "[" + repeated(`"${", `, kib100) + "]"},
		{"dollar signs", "a: " + repeated("$", kib100)},
		{"URLs", "a: '" + repeated("://a:b", kib100) + "'"},
		{"one long key", repeated("a", kib100) + ": b: c"},
		{"folded", "a: >\n" + repeated("  a\n\n", kib100)},
		{"spaces", repeated(" ", kib100) + "a: b: c"},
		{"long path", repeated("{"+strings.Repeat("a", 1000)+": ", kib100)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, took, memory := measured(c.text)
			t.Logf("%v, %d MiB", took.Round(time.Millisecond), memory)
			// Many times what it takes, for a machine that is busy with other tests.
			if took > 20*time.Second || memory > 200 {
				t.Errorf("took %v and %d MiB", took, memory)
			}
			checkWithin(t, c.text, r.Diagnostics())
		})
	}
}

// TestManyMistakes: of those that are too many to read, the first are told.
func TestManyMistakes(t *testing.T) {
	r, took, memory := measured("{" + repeated("a: b, ", 1<<20) + "}")
	ds := r.Diagnostics()
	if len(ds) != maxNoted+1 || ds[maxNoted].Message != "there are more than 10000 mistakes: the others are not shown" {
		t.Errorf("%d mistakes, the last: %s", len(ds), ds[len(ds)-1].Message)
	}
	start := time.Now()
	text := textOf(ds)
	if took += time.Since(start); took > 40*time.Second || memory > 1000 {
		t.Errorf("took %v and %d MiB", took, memory)
	}
	if len(text) > 1000*len(ds) {
		t.Errorf("%d bytes are written", len(text))
	}
}
