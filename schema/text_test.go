package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestWriteText(t *testing.T) {
	long := strings.Repeat("a", 300)
	for _, c := range []struct {
		name string
		d    Diagnostic
		want string
	}{
		{
			"all of it",
			Diagnostic{File: "f.yaml", Line: 3, Column: 5, Severity: Error, Message: "unknown key", Hint: `did you mean "b"?`, Width: 3, Source: "    abc: 1"},
			"f.yaml:3:5: error: unknown key\n    abc: 1\n    ^^^\nhint: did you mean \"b\"?\n",
		},
		{
			"warning without a hint",
			Diagnostic{File: "f.yaml", Line: 1, Column: 1, Severity: Warning, Message: "unused", Width: 1, Source: "abc: 1"},
			"f.yaml:1:1: warning: unused\nabc: 1\n^\n",
		},
		{
			"no source line",
			Diagnostic{File: "f.yaml", Line: 1, Column: 1, Severity: Error, Message: "the file is empty", Width: 1, Source: " "},
			"f.yaml:1:1: error: the file is empty\n",
		},
		{
			"no width",
			Diagnostic{File: "f.yaml", Line: 1, Column: 3, Severity: Error, Message: "m", Source: "abcd"},
			"f.yaml:1:3: error: m\nabcd\n  ^\n",
		},
		{
			"behind the line",
			Diagnostic{File: "f.yaml", Line: 1, Column: 5, Severity: Error, Message: "m", Width: 9, Source: "abcd"},
			"f.yaml:1:5: error: m\nabcd\n    ^\n",
		},
		{
			"far behind the line",
			Diagnostic{File: "f.yaml", Line: 1, Column: 99, Severity: Error, Message: "m", Width: 9, Source: "abcd"},
			"f.yaml:1:99: error: m\nabcd\n    ^\n",
		},
		{
			"wider than the line",
			Diagnostic{File: "f.yaml", Line: 1, Column: 3, Severity: Error, Message: "m", Width: 99, Source: "abcd"},
			"f.yaml:1:3: error: m\nabcd\n  ^^\n",
		},
		{
			"tabs",
			Diagnostic{File: "f.yaml", Line: 1, Column: 4, Severity: Error, Message: "m", Width: 2, Source: "\ta\tbcd"},
			"f.yaml:1:4: error: m\n\ta\tbcd\n\t \t^^\n",
		},
		{
			"wide characters",
			Diagnostic{File: "f.yaml", Line: 1, Column: 5, Severity: Error, Message: "m", Width: 2, Source: "日本é🚀本語x"},
			"f.yaml:1:5: error: m\n日本é🚀本語x\n       ^^^^\n",
		},
		{
			"combining characters",
			Diagnostic{File: "f.yaml", Line: 1, Column: 4, Severity: Error, Message: "m", Width: 1, Source: "e\u0301 x"},
			"f.yaml:1:4: error: m\ne\u0301 x\n  ^\n",
		},
		{
			"control characters",
			Diagnostic{File: "f\x1b.yaml", Line: 1, Column: 2, Severity: Error, Message: "a\x1b[2Jb\nc\u202ed", Hint: "\a", Width: 1, Source: "a\x1bb\u2066"},
			"f\uFFFD.yaml:1:2: error: a\uFFFD[2Jb\uFFFDc\uFFFDd\na\uFFFDb\uFFFD\n ^\nhint: \uFFFD\n",
		},
		{
			"long line, at its beginning",
			Diagnostic{File: "f.yaml", Line: 1, Column: 2, Severity: Error, Message: "m", Width: 1, Source: long},
			"f.yaml:1:2: error: m\n" + long[:160] + "…\n ^\n",
		},
		{
			"long line, in its middle",
			Diagnostic{File: "f.yaml", Line: 1, Column: 151, Severity: Error, Message: "m", Width: 2, Source: long[:150] + "bc" + long[:150]},
			"f.yaml:1:151: error: m\n…" + long[:80] + "bc" + long[:78] + "…\n" + strings.Repeat(" ", 81) + "^^\n",
		},
		{
			"long line, at its end",
			Diagnostic{File: "f.yaml", Line: 1, Column: 300, Severity: Error, Message: "m", Width: 1, Source: long},
			"f.yaml:1:300: error: m\n…" + long[:81] + "\n" + strings.Repeat(" ", 81) + "^\n",
		},
		{
			"long mistake",
			Diagnostic{File: "f.yaml", Line: 1, Column: 11, Severity: Error, Message: "m", Width: 280, Source: long},
			"f.yaml:1:11: error: m\n" + long[:160] + "…\n" + strings.Repeat(" ", 10) + strings.Repeat("^", 150) + "\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := textOf([]Diagnostic{c.d}); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestWriteTextInColor(t *testing.T) {
	d := Diagnostic{File: "f.yaml", Line: 1, Column: 1, Severity: Error, Message: "m", Width: 1, Source: "a"}
	var b strings.Builder
	if err := WriteText(&b, []Diagnostic{d}, true); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[1mf.yaml:1:1:\x1b[0m \x1b[1;31merror:\x1b[0m m\na\n\x1b[32m^\x1b[0m\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWriteFails(t *testing.T) {
	if WriteText(brokenWriter{}, []Diagnostic{{}}, false) == nil || WriteJSON(brokenWriter{}, nil) == nil {
		t.Error("an error of the writer is lost")
	}
}

// TestWriteJSON: exactly the keys of the contract, a list also where it is empty.
func TestWriteJSON(t *testing.T) {
	for _, ds := range [][]Diagnostic{nil, {}} {
		var b bytes.Buffer
		if err := WriteJSON(&b, ds); err != nil || b.String() != "[]\n" {
			t.Errorf("%q, %v", b.String(), err)
		}
	}
	r := NewReader()
	Parse("f.yaml", []byte("checks:\n  a.b: {c: \"<é>\n"), Env{}, r)
	r.Warnf(&Node{Line: 1, Column: 2, Path: `checks["a.b"]`, src: newSource("f.yaml", nil)}, "", "a < b & c")
	var b bytes.Buffer
	if err := WriteJSON(&b, r.Diagnostics()); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"file": "f.yaml", "line": 1.0, "column": 2.0, "severity": "warning", "path": `checks["a.b"]`, "message": "a < b & c", "hint": ""},
		{"file": "f.yaml", "line": 2.0, "column": 12.0, "severity": "error", "path": "", "message": "the quote that is opened here is not closed", "hint": "close it"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !strings.Contains(b.String(), "a < b & c") {
		t.Errorf("HTML is escaped: %s", &b)
	}
}

// TestDiagnostics: in the order of the file, each once, at one place in the order
// they were noted in.
func TestDiagnostics(t *testing.T) {
	r := NewReader()
	root := Parse("f.yaml", []byte("a: &x {k: 1}\nb: *x\nc: 3\n"), Env{}, r).Root
	r.Errorf(root.Get("c"), "", "last")
	r.Errorf(root.Get("a", "k"), "", "second")
	r.Errorf(root.Get("a", "k"), "hint", "second")
	r.Errorf(root.Get("b", "k"), "", "second") // the same place
	r.Errorf(root.Get("a", "k"), "", "first at the same place, noted later")
	r.Errorf(root.Get("a", "k"), "", "second")
	r.Warnf(root.KeyOf("a"), "", "first")
	var got []string
	for _, d := range r.Diagnostics() {
		got = append(got, d.Path+": "+d.Message+d.Hint)
	}
	want := []string{"a: first", "a.k: second", "a.k: secondhint", "a.k: first at the same place, noted later", "c: last"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFailed(t *testing.T) {
	r := NewReader()
	n := Parse("f.yaml", []byte("a: 1\n"), Env{}, r).Root
	if r.Warnf(n, "", "odd"); r.Failed() || len(r.Diagnostics()) != 1 {
		t.Error("a warning refuses the file")
	}
	if r.Errorf(n, "", "wrong"); !r.Failed() {
		t.Error("an error does not refuse the file")
	}
}
