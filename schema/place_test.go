package schema

import (
	"strings"
	"testing"
	"unicode/utf8"
)

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
