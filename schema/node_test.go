package schema

import (
	"reflect"
	"testing"
)

func parsed(t *testing.T, src string) *Node {
	t.Helper()
	r := NewReader()
	root := Parse("f.yaml", []byte(src), sampleEnv(), r).Root
	if r.Failed() {
		t.Fatal(textOf(r.Diagnostics()))
	}
	return root
}

func TestGet(t *testing.T) {
	root := parsed(t, "a: {b: {c: 5}}\nd: [1]\n")
	if got := root.Get("a", "b", "c"); got == nil || got.Value != "5" {
		t.Error(got)
	}
	if root.Get() != root || root.Get("a", "x", "c") != nil || root.Get("d", "0") != nil || (*Node)(nil).Get("a") != nil {
		t.Error("a value that is not there is found")
	}
	if got := root.Near("a", "b", "x", "y"); got != root.Get("a", "b") {
		t.Error(got.Path)
	}
	if root.Near("a", "b", "c") != root.Get("a", "b", "c") || root.Near("x") != root {
		t.Error("not the nearest")
	}
	if key := root.KeyOf("d"); key == nil || key.Line != 2 || key.Column != 1 || root.KeyOf("x") != nil {
		t.Error(key)
	}
}

func TestExpand(t *testing.T) {
	root := parsed(t, "short: text\nlist: [a]\nfull: {url: x}\nunset: ${EMPTY}\n")
	for _, c := range []struct {
		key  string
		same bool
	}{{"short", false}, {"list", false}, {"full", true}, {"unset", false}} {
		n := root.Get(c.key)
		full := n.Expand("url")
		if (full == n) != c.same || n.Expand("") != n {
			t.Errorf("%s: %+v", c.key, full)
		}
		if c.same {
			continue
		}
		inner := full.Get("url")
		if inner == nil || inner.Value != n.Value || inner.Kind != n.Kind || inner.Unset != n.Unset || inner.Path != c.key+".url" || inner.Line != n.Line {
			t.Errorf("%s: %+v", c.key, inner)
		}
		if full.Kind != Map || full.Value != "" || full.Unset != "" || full.Path != c.key {
			t.Errorf("%s: %+v", c.key, full)
		}
		if n.Kind == Map {
			t.Error("the node itself was changed")
		}
	}
	null := &Node{Kind: Null}
	if null.Expand("url") != null {
		t.Error("nothing was expanded")
	}
}

func TestSame(t *testing.T) {
	root := parsed(t, `
a: {k: [1, "x", {y: z}], l: true}
b: {"k": [ 1, x, {y: 'z'} ],

  l: true}
c: {l: true, k: [1, x, {y: z}]}
d: {k: ["1", x, {y: z}], l: true}
e: {k: [1, x, {y: z}], l: false}
f: {k: [1, x], l: true}
g: {k: [1, x, {y: z}], m: true}
h: ${EMPTY}
i: ${NOT_SET:-}
`)
	a := root.Get("a")
	if !a.Same(root.Get("b")) || !a.Same(a) {
		t.Error("the same, written in another way, differs")
	}
	for _, key := range []string{"c", "d", "e", "f", "g", "h"} {
		if a.Same(root.Get(key)) || root.Get(key).Same(a) {
			t.Errorf("%s is the same", key)
		}
	}
	if root.Get("h").Same(root.Get("i")) {
		t.Error("two variables that are not set are the same")
	}
	if a.Same(nil) || (*Node)(nil).Same(a) || !(*Node)(nil).Same(nil) {
		t.Error("nothing is the same as something")
	}
}

// TestMerge: what a map says itself counts, then the first map that is merged; the
// paths are of where it is merged into, the places of where it stands.
func TestMergeKeys(t *testing.T) {
	root := parsed(t, "a: &a {k: 1, l: 2}\nb: &b {l: 3, m: 4}\nc:\n  <<: [*a, *b]\n  k: 5\n")
	got := map[string]string{}
	for _, e := range root.Get("c").Entries {
		got[e.Value.Path] = e.Value.Value
	}
	if want := map[string]string{"c.k": "5", "c.l": "2", "c.m": "4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if l := root.Get("c", "l"); l.Line != 1 || l.Column != 17 {
		t.Errorf("%d:%d", l.Line, l.Column)
	}
}
