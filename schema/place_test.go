package schema

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Each case is a file in which ‹ and › stand around the place that is to be
// cited, and the words of the value under key k that the mistake is in.
var placeCases = []struct{ name, file, words string }{
	{"plain", "k: one ‹two› three\n", "two"},
	{"plain, first", "k: ‹one› two\n", "one"},
	{"plain, last", "k: one ‹two›\n", "two"},
	{"plain, no newline at the end", "k: one ‹two›", "two"},
	{"plain, comment", "k: one ‹two› # two\n", "two"},
	{"plain, several spaces", "k:    one   ‹two›  \n", "two"},
	{"plain, tab within", "k: one\t‹two›\n", "two"},
	{"plain, over lines", "k: one\n  two ‹three›\n  four\n", "three"},
	{"plain, over lines, first of one", "k: one\n   ‹two› three\n", "two"},
	{"plain, over an empty line", "k: one\n\n\n  ‹two›\n", "two"},
	{"plain, a line of spaces", "k: one  \n    \n  ‹two›\n", "two"},
	{"plain, mistake over lines", "k: one ‹two›\n  three\n", "two three"},
	{"plain, on its own line", "k:\n  one ‹two›\n", "two"},
	{"single", "k: 'one ‹two›'\n", "two"},
	{"single, quote doubled before", "k: 'it''s ‹two›'\n", "two"},
	{"single, quote doubled within", "k: 'one ‹t''wo›'\n", "t'wo"},
	{"single, over lines", "k: 'one\n\n  it''s ‹two›'\n", "two"},
	{"single, spaces at the ends", "k: '  one  ‹two›  '\n", "two"},
	{"double", `k: "one ‹two›"`, "two"},
	{"double, escapes before", `k: "\"\\ \n\t\u00e9\x41\U0001F680 ‹two›"`, "two"},
	{"double, escape within", `k: "one ‹t\u00f6o›"`, "töo"},
	{"double, the escape itself", `k: "one‹\n›two"`, "\n"},
	{"double, escaped space", `k: "one\ ‹two›"`, "two"},
	{"double, line joined", "k: \"one \\\n     ‹two›\"\n", "two"},
	{"double, line joined over empty ones", "k: \"one\\\n\n\n  ‹two›\"\n", "two"},
	{"double, word over a joined line", "k: \"one t‹w›\\\n  o\"\n", "wo"},
	{"double, over lines", "k: \"one\n  two\n\n  ‹three› four\"\n", "three"},
	{"double, escape after a fold", "k: \"one\n  \\n ‹two›\"\n", "two"},
	{"double, tabs that are dropped", "k: \"one\t\n\t  ‹two›\"\n", "two"},
	{"literal", "k: |\n  one ‹two›\n", "two"},
	{"literal, later line", "k: |\n  one\n  two ‹three›\n  four\n", "three"},
	{"literal, indented line", "k: |\n  one\n    ‹two›\n  three\n", "two"},
	{"literal, empty lines", "k: |\n\n  one\n\n\n  ‹two›\n", "two"},
	{"literal, strip", "k: |-\n  one\n  ‹two›\n\n", "two"},
	{"literal, keep", "k: |+\n  one\n  ‹two›\n\n", "two"},
	{"literal, indicator", "k: |2\n    one\n   ‹two›\n", "two"},
	{"literal, indicator and strip", "k: |2-\n    one\n  ‹two›\n", "two"},
	{"literal, comment in the header", "k: | # one two\n  one ‹two›\n", "two"},
	{"literal, the line's end", "k: |\n  one‹\n›  two\n", "\n"},
	{"folded", "k: >\n  one\n  ‹two›\n", "two"},
	{"folded, strip", "k: >-\n  one\n\n  ‹two› three\n", "two"},
	{"folded, deeper line", "k: >-\n  one\n    two\n    ‹three›\n  four\n", "three"},
	{"folded, after a deeper line", "k: >-\n  one\n    two\n  ‹three›\n  four\n", "three"},
	{"folded, no newline at the end", "k: >-\n  one\n  ‹two›", "two"},
	{"flow map", `k: {a: one, b: x}` + "\n" + `l: {"k": "one ‹two›", z: one}`, "two"},
	{"flow list", "l: [zero, one ‹two›, three]\n", "two"},
	{"flow, over lines", "l: {k: one\n  ‹two›\n  three}\n", "two"},
	{"in a list", "l:\n  - zero\n  - one ‹two›\n", "two"},
	{"in a list, quoted", "l:\n- k: 'one ‹two›'\n", "two"},
	{"unicode before", "k: é日本🚀 ‹two›\n", "two"},
	{"unicode key", "日本 é: {k: one ‹two›}\n", "two"},
	{"unicode within", "k: one ‹日本›\n", "日本"},
	{"unicode, over lines", "k: \"é\n  日本 ‹two›\"\n", "two"},
	{"CRLF", "a: x\r\nk: \"one\r\n  two ‹three›\"\r\n", "three"},
	{"CRLF, block", "k: |\r\n  one\r\n  ‹two›\r\n", "two"},
	{"CRLF, folded", "k: >\r\n  one\r\n    two\r\n\r\n  ‹three›\r\n", "three"},
	{"CR alone", "a: x\rk: one ‹two›\r", "two"},
	{"line separator", "a: x\u2028k: one ‹two›\n", "two"},
	{"next line character", "k: |\u0085  one\u0085  ‹two›\u0085", "two"},
	{"byte order mark", "\uFEFFk: one ‹two›\n", "two"},
	{"anchor", "k: &anchor one ‹two›\n", "two"},
	{"tag", "k: !!str one ‹two›\n", "two"},
	{"anchor and tag, next line", "k: !!str &a # comment\n  'one ‹two›'\n", "two"},
	{"anchor, block", "k: &a |\n  one ‹two›\n", "two"},
	{"alias", "a: &a one ‹two›\nk: *a\n", "two"},
	{"merged", "a: &a {k: one ‹two›}\nb: {<<: *a}\n", "two"},
	{"variable", "k: one ‹${HOST}› two\n", "db.internal"},
	{"variable, part of it", "k: one ‹${HOST}› two\n", "internal"},
	{"variable before", "k: one ${HOST} ‹two›\n", "two"},
	{"variable just before", "k: one ${HOST}‹two›\n", "two"},
	{"variable just behind", "k: one ‹two›${HOST}\n", "two"},
	{"variable and what is around it", "k: one ‹a${HOST}b› two\n", "adb.internalb"},
	{"variable that is empty before", "k: one ${EMPTY}‹two›\n", "two"},
	{"variables before", "k: ${HOST}:${PORT} $$ $ ${NOT:-there} ‹two›\n", "two"},
	{"dollar signs", "k: one ‹$$› two\n", "$"},
	{"variable in double quotes", `k: "\u00e9 ${HOST} ‹two›"`, "two"},
	{"variable in a block", "k: >-\n  one ${HOST}\n  ${PORT} ‹two›\n", "two"},
}

func TestPlace(t *testing.T) {
	for _, c := range placeCases {
		t.Run(c.name, func(t *testing.T) {
			text, want := marked(t, c.file)
			r := NewReader()
			root := Parse("f.yaml", []byte(text), sampleEnv(), r).Root
			if r.Failed() {
				t.Fatal(textOf(r.Diagnostics()))
			}
			n := holding(root, c.words)
			if n == nil {
				t.Fatalf("no value holds %q", c.words)
			}
			r.ErrorIn(n, strings.Index(n.Value, c.words), len(c.words), "", "here")
			got := r.Diagnostics()[0]
			if got.Line != want.Line || got.Column != want.Column || got.Width != want.Width {
				t.Errorf("got %d:%d, %d wide; want %d:%d, %d wide\n%s", got.Line, got.Column, got.Width,
					want.Line, want.Column, want.Width, textOf([]Diagnostic{got}))
			}
		})
	}
}

// marked takes the marks out of a file, and tells the place that they mark.
func marked(t *testing.T, file string) (text string, want Diagnostic) {
	before, rest, ok := strings.Cut(file, "‹")
	words, after, ok2 := strings.Cut(rest, "›")
	if !ok || !ok2 {
		t.Fatal("no marks")
	}
	lines := splitLines(strings.TrimPrefix(before, "\uFEFF"))
	want.Line = len(lines)
	want.Column = utf8.RuneCountInString(lines[len(lines)-1]) + 1
	want.Width = max(utf8.RuneCountInString(splitLines(words)[0]), 1)
	return before + words + after, want
}

// splitLines splits a text as YAML does.
func splitLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	return strings.Split(text, "\n")
}

// holding finds the first scalar with all of words in it that has more in it, or
// is under k.
func holding(n *Node, words string) *Node {
	if n.isScalar() && strings.Contains(n.Value, words) && n.Value != words {
		return n
	}
	for _, item := range n.Items {
		if found := holding(item, words); found != nil {
			return found
		}
	}
	for _, e := range n.Entries {
		if e.Key.Value == "k" && e.Value.Value == words {
			return e.Value
		}
		if found := holding(e.Value, words); found != nil {
			return found
		}
	}
	return nil
}

// TestPlaceOfEnd: what is missing at the end of a value is cited just behind it.
func TestPlaceOfEnd(t *testing.T) {
	for _, c := range []struct {
		name, file   string
		line, column int
	}{
		{"plain", "k: one +\n", 1, 9},
		{"quoted", "k: \"one +\"\n", 1, 10},
		{"literal", "k: |\n  one +\n", 2, 8},
		{"folded, strip", "k: >-\n  one\n  +\n\n", 3, 4},
		{"variable", "k: one ${PORT}\n", 1, 15},
		{"no newline", "k: one +", 1, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader()
			n := Parse("f.yaml", []byte(c.file), sampleEnv(), r).Root.Get("k")
			r.ErrorIn(n, len(n.Value), 1, "", "here")
			if d := r.Diagnostics()[0]; d.Line != c.line || d.Column != c.column || d.Width != 1 {
				t.Errorf("got %d:%d, %d wide", d.Line, d.Column, d.Width)
			}
		})
	}
}

// TestPlaceOfNode: a mistake of a whole value underlines it, where it is on one
// line.
func TestPlaceOfNode(t *testing.T) {
	for _, c := range []struct {
		file                string
		line, column, width int
	}{
		{"k: one two # three\n", 1, 4, 7},
		{"k: 'it''s'\n", 1, 4, 7},
		{"k: \"a\\u00e9\"\n", 1, 4, 9},
		{"k: one\n  two\n", 1, 4, 1},
		{"k: |\n  one\n", 1, 4, 1},
		{"k: [one, two]\n", 1, 4, 1},
		{"k:\n  a: b\n", 2, 3, 1},
		{"k:\n", 1, 3, 1},
		{"k: &a one\n", 1, 7, 3},
		{"k: \"${HOST}\"\n", 1, 4, 9},
		{"k: ''\n", 1, 4, 2},
	} {
		t.Run(c.file, func(t *testing.T) {
			r := NewReader()
			r.Errorf(Parse("f.yaml", []byte(c.file), sampleEnv(), r).Root.Get("k"), "", "here")
			if d := r.Diagnostics()[0]; d.Line != c.line || d.Column != c.column || d.Width != c.width {
				t.Errorf("got %d:%d, %d wide", d.Line, d.Column, d.Width)
			}
		})
	}
}

// TestPlaceOfUnknown: a node of no file, and none at all, are cited too.
func TestPlaceOfUnknown(t *testing.T) {
	r := NewReader()
	r.Errorf(nil, "", "no node")
	r.ErrorIn(&Node{Kind: String, Value: "text"}, 2, 1, "", "no file")
	for _, d := range r.Diagnostics() {
		if d.Line != 1 || d.Column != 1 || d.Width != 1 {
			t.Errorf("%+v", d)
		}
	}
	if !r.Failed() || len(r.Diagnostics()) != 2 {
		t.Errorf("%v", r.Diagnostics())
	}
}
