package schema

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFormatHostile: what is made to cost time or memory costs little more than to
// read it.
func TestFormatHostile(t *testing.T) {
	const size = 100 << 10
	steep := ""
	for i := range 700 {
		steep += strings.Repeat(" ", i) + "a:\n"
	}
	for _, c := range []struct{ name, text string }{
		{"list", "a:\n" + repeated("  - b: c\n", size)},
		{"map", repeated("a: b\n", size)},
		{"comments", "a: b\n" + repeated("#\n", size)},
		{"comments and blank lines", repeated("#a\n\n", size) + "a: b\n"},
		{"comments between", "a:\n" + repeated("- b\n #c\n", size)},
		{"comments in a deep block", steep + repeated("#\n", size) + strings.Repeat(" ", 700) + "b: c\n"},
		{"comments behind values", "a:\n" + repeated("  - b # c\n", size)},
		{"spaces before a comment", "a: b\n" + repeated(" ", size) + "# c\nb: d\n"},
		{"brackets", "a: [" + repeated("b,", size) + "]\n"},
		{"lines in brackets", "a: [" + repeated("b,\n", size) + "]\n"},
		{"lines in deep brackets", "a: " + strings.Repeat("[\n", 9000) + repeated("b,\n", size) + strings.Repeat("]", 9000) + "\n"},
		{"deep brackets", "a: " + strings.Repeat("[", 9000) + repeated("b,", size) + strings.Repeat("]", 9000) + "\n"},
		{"open brackets", "a: " + repeated("[\n", size)},
		{"colons in brackets", "a: {" + repeated("? ,", size) + "}\n"},
		{"tags in brackets", "a: [" + repeated("!t b,", size) + "]\n"},
		{"steep", steep},
		{"dashes", repeated("- ", 9000) + "a\n"},
		{"more dashes", repeated("- ", size)},
		{"question marks", repeated("? ", 9000) + "a\n"},
		{"flush lists", "a:\n" + repeated("- - a:\n    - b\n", size)},
		{"quoted lines", "a: \"" + repeated("b\n", size) + "\"\n"},
		{"quoted backslashes", "a: \"" + repeated("\\\\", size) + " \n\"\n"},
		{"quoted lines of backslashes", "a: \"" + repeated("\\\\ \n", size) + "\"\n"},
		{"quoted spaces", "a: \"" + repeated(" ", size) + "\n" + repeated(" ", size) + "\"\n"},
		{"quotes", repeated(`"`, size)},
		{"plain lines", "a: b\n" + repeated("  b  \n\n", size)},
		{"block scalar", "a: |\n" + repeated("  b\n", size)},
		{"blank lines in a block scalar", "a: |\n" + repeated("\n", size) + "  b\n" + repeated("\n", size) + "c: d\n"},
		{"block scalars", "a:\n" + repeated("  - |\n   b\n", size)},
		{"empty block scalars", "a:\n" + repeated("  - |\n", size)},
		{"separators", "a: |\n" + repeated("  b\u2028", size)},
		{"blank lines", "a: b\n" + repeated(" \n", size) + "c: d\n"},
		{"spaces", repeated(" ", size) + "a: b" + repeated(" ", size) + "\n"},
		{"tabs", "a: \"" + repeated("\t\n", size) + "\"\n"},
		{"anchors", "a:\n" + repeated("  - &a b\n  - *a\n", size)},
		{"documents", repeated("---\n", size)},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, reading := cost(func() { NewReader().parseYAML(newSource("f.yaml", []byte(c.text)), "") })
			took, memory := cost(func() { Format("f.yaml", []byte(c.text), NewReader()) })
			t.Logf("%v, %d MiB, of which reading takes %d", took.Round(time.Millisecond), memory, reading)
			// Many times what it takes, for a machine that is busy with other tests.
			if took > 20*time.Second || memory > 5*reading+50 {
				t.Errorf("took %v and %d MiB, reading takes %d", took, memory, reading)
			}
		})
	}
}

// cost is the processor's time and the allocated memory, in MiB, that something takes.
func cost(do func()) (took time.Duration, memory uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := processorTime()
	do()
	took = processorTime() - start
	runtime.ReadMemStats(&after)
	return took, (after.TotalAlloc - before.TotalAlloc) >> 20
}

// processorTime is what this process has used, which a busy machine does not add to.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
