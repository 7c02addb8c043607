package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzParse: whatever a file holds, reading it ends, soon and without a panic;
// each mistake lies within the file; and each character of a value is found where
// it stands.
func FuzzParse(f *testing.F) {
	for _, c := range placeCases {
		f.Add(strings.NewReplacer("‹", "", "›", "").Replace(c.file))
	}
	for _, pattern := range []string{"testdata/err/*.yaml", "../checks.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			if len(src) < 50_000 {
				f.Add(string(src))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 100_000 {
			return
		}
		start := processorTime()
		r := NewReader()
		doc := Parse("fuzz.yaml", []byte(src), sampleEnv(), r)
		var s sample
		r.Decode(doc.Root, &s)
		checkWithin(t, src, r.Diagnostics())
		checkAligned(t, doc.Root)
		places := NewReader()
		everywhere(places, doc.Root)
		checkWithin(t, src, places.Diagnostics())
		if took := processorTime() - start; took > time.Second {
			t.Errorf("%d bytes took %v", len(src), took)
		}
	})
}

// everywhere notes a mistake at each value, and in the middle of it.
func everywhere(r *Reader, n *Node) {
	r.Errorf(n, "", "%s %s", r.label(n), r.describe(n))
	if n.isScalar() {
		r.ErrorIn(n, len(n.Value)/2, 1, "", "middle")
		r.ErrorIn(n, len(n.Value), 3, "", "end")
	}
	for _, item := range n.Items {
		everywhere(r, item)
	}
	for _, e := range n.Entries {
		r.Errorf(e.Key, "", "key")
		everywhere(r, e.Value)
	}
}

// checkWithin demands that mistakes can be told, at places that the file has.
func checkWithin(t *testing.T, src string, ds []Diagnostic) {
	t.Helper()
	lines := splitLines(strings.TrimPrefix(src, "\uFEFF"))
	for _, d := range ds {
		if d.Line < 1 || d.Line > len(lines) || d.Column < 1 || d.Column > utf8.RuneCountInString(lines[d.Line-1])+1 || d.Width < 1 {
			t.Fatalf("%q: no place in the file: %d:%d, %d wide: %s", src, d.Line, d.Column, d.Width, d.Message)
		}
		if d.Message == "" || strings.Contains(d.Message, "%!") || strings.Contains(d.Message, "yaml:") || strings.Contains(d.Message, "parser gave up") {
			t.Fatalf("%q: message %q", src, d.Message)
		}
	}
	textOf(ds)
}

// checkAligned demands that the characters of plain, literal and quoted text are
// found at themselves, or at the escape that makes them.
func checkAligned(t *testing.T, n *Node) {
	t.Helper()
	for _, item := range n.Items {
		checkAligned(t, item)
	}
	for _, e := range n.Entries {
		checkAligned(t, e.Value)
	}
	if !n.isScalar() || n.src == nil || n.broken {
		return
	}
	text := n.text()
	at := align(n.src.cursor(n.Line, n.Column), n.style, text)
	if at == nil && n.style == block && strings.TrimSpace(text) == "" {
		return // what its indentation is cannot be told
	}
	if at == nil {
		t.Fatalf("%q: %q at %d:%d is not found in its source", n.src.text, text, n.Line, n.Column)
	}
	for i, r := range text {
		c := n.src.cursor(int(at[i].line), int(at[i].column))
		here := c.next()
		white := strings.ContainsRune(" \n\r\u0085\u2028\u2029", r)
		if !white && here != r && !(here == '\\' && n.style == double) {
			t.Fatalf("%q: %q of %q is looked for at %q, %d:%d", n.src.text, r, text, here, at[i].line, at[i].column)
		}
	}
}

// FuzzInterpolate: ${…} never panics, makes no mistake without a place within the
// value, and leaves a text without a dollar sign alone.
func FuzzInterpolate(f *testing.F) {
	for _, c := range interpolateCases {
		f.Add(c.text)
	}
	f.Add("${${${")
	f.Add("$$$${HOST}$${${HOST}}$")
	f.Add("http://${A:-}@${B:-b}:${PORT}/${file:/run/secrets/token}")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 10_000 {
			return
		}
		r := NewReader()
		n := &Node{Kind: String, Value: text, Line: 1, Column: 1, style: double, src: newSource("f", []byte(`"`+text))}
		c := &converter{Reader: r, src: n.src, env: sampleEnv(), dir: "/etc/polyhealth"}
		if took, memory := cost(func() { c.interpolate(n) }); took > 2*time.Second || memory > 200 {
			t.Errorf("%d bytes took %v and %d MiB", len(text), took, memory)
		}
		if !strings.Contains(text, "$") && (n.Value != text || r.Failed()) {
			t.Errorf("%q became %q", text, n.Value)
		}
		if !r.Failed() && (n.Value == "") != (n.Unset != "" || text == "") {
			t.Errorf("%q became %q, unset %q", text, n.Value, n.Unset)
		}
		for _, s := range n.raw.segments {
			if s.from > s.to || s.at >= s.end || s.end > len(text) || s.to > len(n.Value) || text[s.at] != '$' {
				t.Fatalf("%q: segment %+v", text, s)
			}
		}
		for i := range len(n.Value) + 1 {
			from, to := n.inText(i, i+1)
			if from < 0 || from > to || from > len(text) {
				t.Fatalf("%q: %d is at %d to %d", text, i, from, to)
			}
		}
	})
}

// FuzzDuration: what is read is positive, and reads as the same when it is written.
func FuzzDuration(f *testing.F) {
	for _, c := range durationCases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			if d != 0 || err.Error() == "" || strings.Contains(err.Error(), "strconv") {
				t.Errorf("%q: %v, %q", text, d, err)
			}
			durationHint(text)
			return
		}
		if d <= 0 {
			t.Errorf("%q is %v", text, d)
		}
		if again, err := ParseDuration(Duration(d).String()); err != nil || again != d {
			t.Errorf("%q is %v, written as %s, read as %v, %v", text, d, Duration(d), again, err)
		}
	})
}

// FuzzSize is FuzzDuration for sizes.
func FuzzSize(f *testing.F) {
	for _, c := range sizeCases {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseSize(text)
		if err != nil {
			if n != 0 || err.Error() == "" || strings.Contains(err.Error(), "strconv") {
				t.Errorf("%q: %d, %q", text, n, err)
			}
			sizeHint(text)
			return
		}
		if n <= 0 {
			t.Errorf("%q is %d", text, n)
		}
		if again, err := ParseSize(Size(n).String()); err != nil || again != n {
			t.Errorf("%q is %d, written as %s, read as %d, %v", text, n, Size(n), again, err)
		}
	})
}
