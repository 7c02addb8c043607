package schema

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// formatCases are texts, and what they become.
var formatCases = []struct{ name, in, out string }{
	{"map", "a:\n    b:   1\n    c:\n       d: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n"},
	{"map with a margin", "  a: 1\n  b:\n   c: 2\n", "a: 1\nb:\n  c: 2\n"},
	{"list", "a:\n     - b\n     -   c\n", "a:\n  - b\n  - c\n"},
	{"list flush with its key", "a:\n- b\n- c: 1\n  d: 2\ne: f\n", "a:\n  - b\n  - c: 1\n    d: 2\ne: f\n"},
	{"flush lists in flush lists", "a:\n- b:\n  - c:\n    - d\n- e\nf: g\n", "a:\n  - b:\n      - c:\n          - d\n  - e\nf: g\n"},
	{"maps in lists", "a:\n -    b: 1\n      c:\n        - d\n", "a:\n  - b: 1\n    c:\n      - d\n"},
	{"lists in lists", "a:\n- -   b\n  -   c\n-\n  - d\n", "a:\n  - - b\n    - c\n  -\n    - d\n"},
	{"value on a line of its own", "a:\n      b\nc:\n - \n    d\n", "a:\n  b\nc:\n  -\n    d\n"},
	{"empty values", "a:   \nb:\nc: {d: , e: }\nf:\n-\n-   \n", "a:\nb:\nc: {d: , e: }\nf:\n  -\n  -\n"},
	{"colons", "a :   b\n\"c\"  : d\n? e\n:   f\n", "a: b\n\"c\": d\n? e\n: f\n"},
	{"what a colon would be part of", "a: &x b\n*x : c\n!t  : d\n&y : e\n", "a: &x b\n*x : c\n!t : d\n&y : e\n"},
	{"complex keys", "?   - a\n    -  b\n:   - c\n    - d\n?\n      e: 1\n:\n      f\n", "? - a\n  - b\n: - c\n  - d\n?\n  e: 1\n:\n  f\n"},
	{"empty keys", "a: { ? ,?  b}\n?\n:   d\n", "a: {? , ? b}\n?\n: d\n"},

	{"brackets", "a: [ b,c ,d ]\ne: { f : 1,\"g\":2 }\nh: [ ]\ni: {  }\n", "a: [b, c, d]\ne: {f: 1, \"g\": 2}\nh: []\ni: {}\n"},
	{"brackets in brackets", "a: [ {b: [ ] } ,[ c ] ]\n", "a: [{b: []}, [c]]\n"},
	{"a comma at the end", "a: [b, ]\n", "a: [b,]\n"},
	{"colon that is not one", "a: {b:c, d: e,f: http://x}\n", "a: {b:c, d: e, f: http://x}\n"},
	{"tags in brackets", "a: [ !t , !t ]\nb: {!t }\n", "a: [!t , !t ]\nb: {!t }\n"},
	{"bracket as a key", "[a,b] : c\n{d : e} : f\n", "[a, b]: c\n{d: e}: f\n"},
	{"lines in brackets", "a: {\n      b: 1, # c\n   # d\n  e: [ 1,\n2\n   ]\n      }\nf: [\n g, {\n  h: 1\n}]\n",
		"a: {\n  b: 1, # c\n  # d\n  e: [1,\n    2\n  ]\n}\nf: [\n  g, {\n    h: 1\n  }]\n"},
	{"lines in brackets in a list", "- {\n a: 1\n}\n- b: [\n c\n]\n-\n [\nd]\n", "- {\n    a: 1\n  }\n- b: [\n    c\n  ]\n-\n  [\n    d]\n"},
	{"tabs in brackets", "a: [\n\t\tb,\n\tc\t,\t\"d\"\n\t]\n", "a: [\n  b,\n  c, \"d\"\n]\n"},
	{"a file in brackets", "{ a: 1,\n b: {c: 2}\n }\n", "{a: 1,\n  b: {c: 2}\n}\n"},

	{"white space", "a: b   \nc:\td\t\n   \ne: f\n \n", "a: b\nc: d\n\ne: f\n"},
	{"blank lines", "\n\n\na: b\n\n\n\nc:\n\n\n  d: e\n\n\n", "a: b\n\nc:\n\n  d: e\n"},
	{"no newline at the end", "a: b", "a: b\n"},
	{"line ends", "a: b\r\nc: d\re: f\u0085g: h\u2028i: j\r\n\r\n", "a: b\nc: d\ne: f\ng: h\ni: j\n"},
	{"byte order mark", "\uFEFFa: b\n", "a: b\n"},

	{"comments", "#a\n\n##c\n#!d\n#\n#\te\n#  f   \ng: h   #i\nj: k#l   # m\n", "#a\n\n##c\n#!d\n#\n#\te\n#  f\ng: h #i\nj: k#l # m\n"},
	{"comments in one column", "a:     1   # b\ncc:    22  # d\neee: 333 # f\ng: 4 # h\n\ni:     1   # j\nk: 1  # l\n",
		"a: 1   # b\ncc: 22 # d\neee: 333 # f\ng: 4 # h\n\ni: 1 # j\nk: 1 # l\n"},
	{"comments in one column at several depths", "a:           # b\n    c: {     # d\n    é: \"f\",  # g\n    }        # h\n",
		"a:          # b\n  c: {      # d\n    é: \"f\", # g\n  }         # h\n"},
	{"comments that go on below", "a: b    # c\n        # d\n\n        # e\nf:   gg # h\n        # i\n        #j\nk:   l  # m\nn:\n    o:  # p\n        # q\n        - r\n",
		"a: b # c\n     # d\n\n  # e\nf: gg # h\n      # i\n      #j\nk: l  # m\nn:\n  o: # p\n    # q\n    - r\n"},
	{"comments go where what follows goes", "# a\nb:\n# c\n    d: 1\n# e\n    f:\n    # g\n    - h\n  # i\n    - j\n# k\nl: m\n",
		"# a\nb:\n  # c\n  d: 1\n  # e\n  f:\n    # g\n    - h\n    # i\n    - j\n# k\nl: m\n"},
	{"comments behind a flush list", "a:\n   b:\n   - c\n   # d\n   d: e\n", "a:\n  b:\n    - c\n  # d\n  d: e\n"},
	{"comments at the end of a block", "a:\n   b:\n      c: 1\n      # in b\n   # in a\n# before d\nd:\n- e\n  # in e\n# at the end\n",
		"a:\n  b:\n    c: 1\n    # in b\n  # in a\n# before d\nd:\n  - e\n    # in e\n# at the end\n"},
	{"comments behind a value that could hold them", "a: {}\n    # b:\n    #   c: 1\n\n    # d: 2\ne: []\n  # f\ng:\n    - h\n      # i\n    - j\n  # k\n",
		"a: {}\n  # b:\n  #   c: 1\n\n  # d: 2\ne: []\n  # f\ng:\n  - h\n    # i\n  - j\n  # k\n"},
	{"comments in place of a value", "a:\n    b: # x\n        #c: 1\n    d:\n    # e\nf:\n-\n   # g\n", "a:\n  b: # x\n    #c: 1\n  d:\n  # e\nf:\n  -\n    # g\n"},
	{"comments between a key and its value", "a: # b\n    # c\n\n    d\ne: &f # g\n# h\n    i: j\n", "a: # b\n  # c\n\n  d\ne: &f # g\n  # h\n  i: j\n"},
	{"comments further right than anything", "a: b\n       # c\nd: e # f\n    # g\nh: i\n", "a: b\n  # c\nd: e # f\n  # g\nh: i\n"},
	{"keys like comments", "\"#a\":   1\nb#c:   2\n'# d':  3\n", "\"#a\": 1\nb#c: 2\n'# d': 3\n"},

	{"block scalars", "a:\n    b: |   # c\n            d\n              e  \n\n            f\n    g: >-\n     h\n\n\n    i: j\n",
		"a:\n  b: | # c\n    d\n      e  \n\n    f\n  g: >-\n    h\n\n  i: j\n"},
	{"block scalars in lists", "- |\n   a\n- b: |\n      c\n-   - |\n      d\n", "- |\n  a\n- b: |\n    c\n- - |\n    d\n"},
	{"indentation asked for", "a:\n   b: |2-\n       c\n     d\ne:\n- |1\n  f\n", "a:\n  b: |2-\n      c\n    d\ne:\n  - |1\n    f\n"},
	{"kept lines", "a: |+\n    b\n\n\n   \nc: |+\n\n\nd: >+\n e\n\n", "a: |+\n  b\n\n\n\nc: |+\n\n\nd: >+\n  e\n\n"},
	{"lines not kept", "a: |\n    b\n\n\n   \nc: |\n\n\nd: >-\n e\n\n", "a: |\n  b\n\nc: |\n\nd: >-\n  e\n"},
	{"white space at the end", "a: |+\n    b\n    ", "a: |+\n  b\n"},
	{"block scalars flush with their list", "a:\n-\n|\n b\n- c\n", "a:\n  -\n    |\n    b\n  - c\n"},
	{"white space that is content", "a: |\n    b \n      \n    \n    c\t\n", "a: |\n  b \n    \n\n  c\t\n"},
	{"no newline that is content", "a: |\n   b", "a: |\n  b"},
	{"no newline that is none", "a: |-\n   b", "a: |-\n  b\n"},
	{"comments behind block scalars", "a:\n  b: |\n      c\n   # d\n  e: |\n     \n    # f\n", "a:\n  b: |\n    c\n  # d\n  e: |\n\n  # f\n"},
	{"separators that are content", "a: |\n    b\u2028    c\u2029\nd: e\n", "a: |\n  b\u2028  c\u2029\nd: e\n"},

	{"plain text of several lines", "a: b\n    c\n\n      d\ne:\n- f\n   g\n", "a: b\n  c\n\n    d\ne:\n  - f\n    g\n"},
	{"quoted text of several lines", "a: \"b   \n\n  c\\\n       d\\ \t\n  e\"\nf: '\n\tg\n  '\n", "a: \"b\n\n  c\\\n       d\\ \n  e\"\nf: '\n  g\n  '\n"},
	{"text of several lines in brackets", "a: [b\n c, \"d\n    e\", [\n f\n]]\n", "a: [b\n  c, \"d\n  e\", [\n    f\n  ]]\n"},

	{"anchors", "a:  &x   !!map\n   b: 1\nc: *x\nd:\n  <<:   [ *x ]\n  &k e:  f\n", "a: &x !!map\n  b: 1\nc: *x\nd:\n  <<: [*x]\n  &k e: f\n"},
	{"anchors on lines of their own", "a:\n    &x\n    b: 1\nc:\n - &y\n   d: 1\n", "a:\n  &x\n  b: 1\nc:\n  - &y\n    d: 1\n"},
	{"documents", "%YAML 1.1   \n%TAG ! tag:x,1:   # y\n---   # a\n\n\n  b: c\n...  \n#d\n", "%YAML 1.1\n%TAG ! tag:x,1:   # y\n--- # a\n\nb: c\n...\n#d\n"},
	{"a document in brackets", "---   {a: 1,\n b: 2}\n", "--- {a: 1,\n  b: 2}\n"},
	{"never changed", "a: 'b'\nc: \"d\"\ne: 0x1F\nf: 1_000\ng: ~\nh: ${A:-b}\ni: \"${B}\"\nj: no\nk: {}\nl: " + strings.Repeat("long ", 100) + "m\n", ""},
}

func TestFormat(t *testing.T) {
	for _, c := range formatCases {
		t.Run(c.name, func(t *testing.T) {
			want := c.out
			if want == "" {
				want = c.in
			}
			r := NewReader()
			got := Format("f.yaml", []byte(c.in), r)
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("%s\n%s", diff, textOf(r.Diagnostics()))
			}
			holdsFormat(t, c.in)
		})
	}
}

// TestFormatLeavesOurs: the files that we offer are in the layout that we ask for.
func TestFormatLeavesOurs(t *testing.T) {
	ours := 0
	for _, pattern := range []string{"../*.yaml", "../*/*.yaml", "../examples/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			ours++
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := NewReader()
			if out := Format(file, src, r); !bytes.Equal(out, src) {
				t.Errorf("%s\n%s", cmp.Diff(string(src), string(out)), textOf(r.Diagnostics()))
			}
		}
	}
	if ours < 11 {
		t.Errorf("only %d files", ours)
	}
}

// TestFormatRefuses: what cannot be read as YAML is told as when the file is read,
// and what only says nonsense is formatted.
func TestFormatRefuses(t *testing.T) {
	for _, c := range []struct{ in, message string }{
		{"a: [b\n", "the list that is opened here is not closed"},
		{"a: b: c\n", "a second colon"},
		{"a: *b\n", "b"},
		{"", "the file is empty"},
		{"# a\n", "the file is empty"},
		{"a: 1\n---\nb: 2\n", "a second document begins here"},
		{"  --- a: 1\n  b: 2\n", "cannot be formatted: that would change what it says"},
		{"a: \xFF\n", "the file is not UTF-8 text"},
		{"a: \x00\n", "the control character U+0000"},
		{repeated("\n", maxParts), "million lines"},
		{"a: " + strings.Repeat("[\n", 1000) + repeated("b,\n", 100_000) + strings.Repeat("]", 1000), "nested too deeply to be formatted"},
	} {
		r := NewReader()
		out := Format("f.yaml", []byte(c.in), r)
		if text := textOf(r.Diagnostics()); out != nil || !r.Failed() || !strings.Contains(text, c.message) {
			t.Errorf("%.40q became %.40q: %s", c.in, out, text)
		}
	}
	for _, in := range []string{"a: 1\na: 2\n", "- a\n", "a\n", "checks: 5\n", "a: ${NOT_SET}\n", "<<: 5\n"} {
		r := NewReader()
		if out := Format("f.yaml", []byte(in), r); string(out) != in || r.Failed() {
			t.Errorf("%q became %q: %s", in, out, textOf(r.Diagnostics()))
		}
	}
}

// TestSameInk: no text may be lost, added or changed.
func TestSameInk(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a: b # c\n", "a:\u2028\tb#c", true},
		{" \n", "", true},
		{"a # b\n", "a\n", false},
		{"a\n", "a # b\n", false},
		{"a # b\n", "a # c\n", false},
	} {
		if sameInk(c.a, c.b) != c.same {
			t.Errorf("%q and %q: the same is %v", c.a, c.b, !c.same)
		}
	}
}

// TestMeaning: whatever of a text a reader could tell apart, is.
func TestMeaning(t *testing.T) {
	texts := []string{
		"a: b\n", "a: c\n", "b: b\n", "a: 'b'\n", "a: \"b\"\n", "a: |-\n  b\n", "a: >-\n  b\n", "a: !!str b\n", "a: !t b\n", "a: &b b\n",
		"{a: b}\n", "a: [b]\n", "a:\n  - b\n", "a: b\na: b\n", "a: b\nc: d\n", "c: d\na: b\n", "a: {b: }\n", "a:\n", "a: ~\n", "a: 1\n", "a: 1.0\n", "- a\n- b\n", "a\n",
		"a: &b c\nd: *b\n", "a: &b c\nd: c\n",
	}
	for i, one := range texts {
		for j, other := range texts {
			if (meaningOf(onlyDocument(one)) == meaningOf(onlyDocument(other))) != (i == j) {
				t.Errorf("%q and %q: the same is %v", one, other, i != j)
			}
		}
	}
	for _, text := range []string{"", "a: [\n", "a: b\n---\n", "a: b\n--- c\n", "a: b\n...\n}\n"} {
		if onlyDocument(text) != nil {
			t.Errorf("%q is no document", text)
		}
	}
}
