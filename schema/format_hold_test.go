package schema

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// failer is a test, or a property's.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// holdsFormat demands of a text what Format promises: what is YAML is formatted,
// once and for all, and nothing but its white space has changed. It tells whether
// the text is YAML.
func holdsFormat(t failer, src string) bool {
	t.Helper()
	r := NewReader()
	out := Format("f.yaml", []byte(src), r)
	s := newSource("f.yaml", []byte(src))
	if !NewReader().readable(s) || NewReader().parseYAML(s, "") == nil {
		if out != nil || !r.Failed() {
			t.Fatalf("%q is no YAML, and became %q", src, out)
		}
		return false
	}
	if out == nil && indented.MatchString(src) {
		return true // at the left edge it would be a marker
	}
	if out == nil {
		t.Fatalf("%q is not formatted: %s", src, textOf(r.Diagnostics()))
	}
	before, after := onlyDocument(s.text), onlyDocument(string(out))
	if diff := cmp.Diff(saying(before, 0), saying(after, 0)); diff != "" {
		t.Fatalf("%q became %q, which says something else:\n%s", src, out, diff)
	}
	if was, is := ink(s.text), ink(string(out)); was != is {
		t.Fatalf("%q became %q: more than space has changed: %q, %q", src, out, was, is)
	}
	if again := Format("f.yaml", out, NewReader()); !bytes.Equal(again, out) {
		t.Fatalf("%q became %q, and that %q", src, out, again)
	}
	checkTidy(t, string(out))
	if !strings.Contains(src, "---") && !strings.Contains(src, "...") {
		checkColumns(t, splitLines(string(out)), after, 0)
	}
	return true
}

// indented is text that looks like the begin or end of a document, but for where it
// stands.
var indented = regexp.MustCompile(`[\s\x{85}\x{2028}\x{2029}](---|\.\.\.)([\s\x{85}\x{2028}\x{2029}]|$)`)

// saying is all that a text says, a line a value.
func saying(n *yaml.Node, depth int) []string {
	if n == nil {
		return []string{"nothing"}
	}
	lines := []string{fmt.Sprintf("%*skind %d, style %d, %s &%s %q", depth, "", n.Kind, n.Style, n.Tag, n.Anchor, n.Value)}
	for _, c := range n.Content {
		lines = append(lines, saying(c, depth+1)...)
	}
	return lines
}

// ink is a text without its white space.
func ink(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r\u0085\u2028\u2029", r) {
			return -1
		}
		return r
	}, text)
}

// checkTidy demands that the space outside of scalars of several lines is as it
// should be.
func checkTidy(t failer, out string) {
	t.Helper()
	s := scanned(newSource("f.yaml", []byte(out)))
	var b strings.Builder
	from := 0
	for _, k := range s.tokens {
		if k.kind == bodyToken || k.lines {
			b.WriteString(out[from:k.from] + "…")
			from = int(k.to)
		}
	}
	rest := b.String() + out[from:]
	if where := untidy.FindStringIndex(rest); where != nil {
		t.Fatalf("%q is untidy at %q", out, rest[where[0]:])
	}
}

// untidy is space at the end of a line or a tab at its beginning; blank lines that
// begin the text, end it, or are two; another line end than ours; none at the end.
// What … stands for brings its own.
var untidy = regexp.MustCompile(`(?m:[ \t][\x{2028}\x{2029}]?$|^ *\t)|^\n|\n\n\n|[^…]\n\n$|[\r\x{85}]|[^…\n\x{2028}\x{2029}]$`)

// leads is what may stand before the first value of a line.
var leads = regexp.MustCompile(`^ *([-?:] +)*$`)

// checkColumns demands that what begins a line, or a block, is at the column that
// its block's is, or two further right.
func checkColumns(t failer, lines []string, n *yaml.Node, column int) {
	t.Helper()
	if n.Kind == yaml.ScalarNode && isEmpty(n) {
		return
	}
	before := lines[n.Line-1][:byteOf(lines[n.Line-1], n.Column-1)]
	if leads.MatchString(before) && len(before) != column {
		t.Fatalf("%q: line %d begins in column %d, and not %d", strings.Join(lines, "\n"), n.Line, len(before), column)
	}
	if n.Style&yaml.FlowStyle != 0 {
		return
	}
	for i, c := range n.Content {
		key := n.Kind == yaml.MappingNode && i%2 == 0
		if key && c.Column-1 == column {
			continue
		}
		checkColumns(t, lines, c, column+2)
	}
}
