package schema

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestDecodeOne: Decode reads one value too, and says only of it whether it is OK.
func TestDecodeOne(t *testing.T) {
	r := NewReader()
	root := Parse("f.yaml", []byte("a: 5m\nb: soon\nc: [1, 2]\nd: never\n"), Env{}, r).Root
	var d Duration
	if r.Decode(root.Get("b"), &d).OK {
		t.Error("soon is a duration")
	}
	if !r.Decode(root.Get("a"), &d).OK || time.Duration(d) != 5*time.Minute {
		t.Error(d)
	}
	var list []int
	if !r.Decode(root.Get("c"), &list).OK || !reflect.DeepEqual(list, []int{1, 2}) {
		t.Error(list)
	}
	var union sampleRepeat
	if !r.Decode(root.Get("d"), &union).OK || !union.Never {
		t.Error(union)
	}
	defer func() {
		if recover() == nil {
			t.Error("a type that cannot be read is a mistake of the program")
		}
	}()
	r.Decode(root.Get("a"), new(chan int))
}

// TestDecodeBeside: other keys are the caller's, and are suggested too.
func TestDecodeBeside(t *testing.T) {
	r := NewReader()
	n := Parse("f.yaml", []byte("a: 1\nhttp: x\nhtp: y\nbb: z\n"), Env{}, r).Root
	var in everyInner
	if d := r.DecodeBeside(n, &in, Beside{Others: []string{"http", "sql"}}); d.OK || in.A != 1 {
		t.Errorf("%+v %+v", d, in)
	}
	want := `f.yaml:3:1: error: unknown key "htp"
htp: y
^^^
hint: did you mean "http"?
f.yaml:4:1: error: unknown key "bb"
bb: z
^^
hint: did you mean "b"?
`
	if got := textOf(r.Diagnostics()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// union reads a map of its own by Decode, as unions do.
type union struct{ inner unionInner }

type unionInner struct {
	URL string `yaml:"url,required"`
}

func (u *union) FromNode(n *Node, r *Reader) { r.Decode(n.Expand("url"), &u.inner) }

// TestDecodeUnion: what is unset or wrong in what reads itself counts for what it
// stands in.
func TestDecodeUnion(t *testing.T) {
	type outer struct {
		Send  union  `yaml:"send"`
		After string `yaml:"after,required"`
	}
	for _, c := range []struct {
		src, url, unset string
		ok              bool
	}{
		{"{send: http://x, after: a}", "http://x", "", true},
		{"{send: {url: http://x}, after: a}", "http://x", "", true},
		{"{send: {url: '${FEED:-}'}, after: a}", "", "FEED", true},
		{"{send: {url: '${FEED:-}'}, after: '${AFTER:-}'}", "", "FEED AFTER", true},
		{"{send: {}, after: a}", "", "", false},
	} {
		var got outer
		r := NewReader()
		d := r.Decode(Parse("f.yaml", []byte(c.src), Env{}, r).Root, &got)
		if got.Send.inner.URL != c.url || strings.Join(d.Unset, " ") != c.unset || d.OK != c.ok {
			t.Errorf("%s: got %+v %+v\n%s", c.src, got, d, textOf(r.Diagnostics()))
		}
	}
}
