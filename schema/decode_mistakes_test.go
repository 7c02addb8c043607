package schema

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestDecodeMistakeKeeps: a mistake leaves the value as it was.
func TestDecodeMistakeKeeps(t *testing.T) {
	got := every{Int: 7, Bool: true, Duration: 5, Word: "one", Text: "default", Size: 5, Float: 0.5}
	want := got
	r := NewReader()
	src := "int: x\nbool: x\nduration: x\nword: x\ntext: []\nsize: x\nfloat: x\n"
	if r.Decode(Parse("f.yaml", []byte(src), Env{}, r).Root, &got).OK || len(r.Diagnostics()) != 7 {
		t.Fatal(textOf(r.Diagnostics()))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestDecodePaths: the path of each value as diagnostics name it.
func TestDecodePaths(t *testing.T) {
	src := `checks:
  api: {rules: {degraded: [a, {b: c}]}}
  "my api.v2": {url: 1}
  'say "hi"': {"": 1}
  "a[0]": x
m: {<<: &d {k: 1}, l: *d}
`
	root := Parse("f.yaml", []byte(src), Env{}, NewReader()).Root
	var got []string
	var walk func(n *Node)
	walk = func(n *Node) {
		if n.isScalar() {
			got = append(got, n.Path)
		}
		for _, item := range n.Items {
			walk(item)
		}
		for _, e := range n.Entries {
			if e.Key.Path != e.Value.Path && e.Value.Path != "m.l" {
				got = append(got, "key "+e.Key.Path)
			}
			walk(e.Value)
		}
	}
	walk(root)
	want := []string{
		"checks.api.rules.degraded[0]", "checks.api.rules.degraded[1].b", `checks["my api.v2"].url`,
		`checks["say \"hi\""][""]`, `checks["a[0]"]`, "m.l.k", "m.k",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestLabel: what messages call a value.
func TestLabel(t *testing.T) {
	r := NewReader()
	for path, want := range map[string]string{
		"": "the file", "checks": "checks", "checks.api.url": "url", "checks.api.tags[1]": "tags[1]",
		"a.b[0][1]": "b[0][1]", `checks["my api.v2"]`: `"my api.v2"`, `checks["my api.v2"].url`: "url",
		`a["b.c"][0]`: `"b.c"[0]`, `a["say \"hi\""].x[2]`: "x[2]", `a[""]`: `""`, "[0].a": "a", "[3]": "[3]",
		"a." + strings.Repeat("x", 80): strings.Repeat("x", 59) + "…",
	} {
		if got := r.label(&Node{Path: path}); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// TestThirtyMistakes: all are told in one go, each with its own place.
func TestThirtyMistakes(t *testing.T) {
	src := `defaults: {interval: soon, timeout: 5, tags: web}
routes:
  a: {chat: many}
  b: [x]
  c: {token: {}, on: [down, unhealty]}
  d: {token: abcd, token: efgh}
checks:
  a: {}
  b: {http: {}, command: {argv: [df]}}
  c: {http: {url: "", method: GTE, port: 70000, max_body: big, retries: -1}}
  d: {command: {argv: []}, critical: "yes", failures: 0, share: 2}
  e:
  f: {http: {url: "${NOT_SET}"}, rules: 5, labels: [x], metadata: }
  g: {http: {url: http://x}, repeat: nevr, tags: [a, {b: c}], interval: 0s}
`
	_, r := readSample("f.yaml", src, sampleEnv())
	ds := r.Diagnostics()
	places := map[string]bool{}
	for _, d := range ds {
		places[fmt.Sprint(d.Line, ":", d.Column)] = true
	}
	if len(ds) != 30 || len(places) != 30 {
		t.Errorf("%d mistakes at %d places:\n%s", len(ds), len(places), textOf(ds))
	}
}
