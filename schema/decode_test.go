package schema

import (
	"reflect"
	"testing"
	"time"
)

// every has a field of every kind.
type every struct {
	Text     string              `yaml:"text"`
	Secret   Secret              `yaml:"secret"`
	Bool     bool                `yaml:"bool"`
	Int      int                 `yaml:"int"`
	Int8     int8                `yaml:"int8"`
	Int32    int32               `yaml:"int32"`
	Int64    int64               `yaml:"int64"`
	Uint16   uint16              `yaml:"uint16"`
	Uint64   uint64              `yaml:"uint64"`
	Float    float64             `yaml:"float"`
	Duration Duration            `yaml:"duration"`
	Size     Size                `yaml:"size"`
	Pointer  *int                `yaml:"pointer"`
	Texts    []string            `yaml:"texts"`
	Lists    [][]int             `yaml:"lists"`
	Named    map[string]string   `yaml:"named"`
	Sizes    map[string]Size     `yaml:"sizes"`
	Deep     map[string][]Secret `yaml:"deep"`
	Map      everyInner          `yaml:"map"`
	Maybe    *everyInner         `yaml:"maybe"`
	Maps     []everyInner        `yaml:"maps"`
	Raw      *Node               `yaml:"raw"`
	Raws     map[string]*Node    `yaml:"raws"`
	Union    sampleRepeat        `yaml:"union"`
	Unions   []sampleRepeat      `yaml:"unions"`
	Word     everyWord           `yaml:"word" enum:"one,two"`
	EveryBase
	Left  string `yaml:"-"`
	Other string
}

type everyInner struct {
	A int    `yaml:"a"`
	B string `yaml:"b"`
}

type everyWord string

// EveryBase is embedded: its keys stand beside the others.
type EveryBase struct {
	Base string `yaml:"base"`
}

func intAt(n int) *int { return &n }

// TestDecode: each value by itself, into a struct that holds nothing.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		src  string
		want every
	}{
		{"{}", every{}},
		{"text: a b", every{Text: "a b"}},
		{"text: ''", every{}},
		{"text: 5", every{Text: "5"}},
		{"text: 1.10", every{Text: "1.10"}},
		{"text: 0x1F", every{Text: "0x1F"}},
		{"text: true", every{Text: "true"}},
		{"text: yes", every{Text: "yes"}},
		{"text: 2026-11-23", every{Text: "2026-11-23"}},
		{"text: |\n  a\n  b\n", every{Text: "a\nb\n"}},
		{"text: <<", every{Text: "<<"}},
		{"secret: hunter22", every{Secret: "hunter22"}},
		{"bool: true", every{Bool: true}},
		{"bool: True", every{Bool: true}},
		{"bool: TRUE", every{Bool: true}},
		{"bool: false", every{}},
		{"int: 5", every{Int: 5}},
		{"int: -5", every{Int: -5}},
		{"int: +5", every{Int: 5}},
		{"int: 1_000", every{Int: 1000}},
		{"int: 0x1F", every{Int: 31}},
		{"int: 0o17", every{Int: 15}},
		{"int: 0b101", every{Int: 5}},
		{"int8: -128", every{Int8: -128}},
		{"int32: 2147483647", every{Int32: 2147483647}},
		{"int64: -1001234567890", every{Int64: -1001234567890}},
		{"int64: 9223372036854775807", every{Int64: 9223372036854775807}},
		{"uint16: 65535", every{Uint16: 65535}},
		{"uint64: 5", every{Uint64: 5}},
		{"float: 0.5", every{Float: 0.5}},
		{"float: 5", every{Float: 5}},
		{"float: -1e3", every{Float: -1000}},
		{"float: 0x10", every{Float: 16}},
		{"duration: 1h30m", every{Duration: Duration(90 * time.Minute)}},
		{"duration: \"90d\"", every{Duration: Duration(90 * 24 * time.Hour)}},
		{"size: 64KiB", every{Size: 65536}},
		{"size: 512", every{Size: 512}},
		{"pointer: 0", every{Pointer: intAt(0)}},
		{"texts: [a, 5, true]", every{Texts: []string{"a", "5", "true"}}},
		{"texts: []", every{Texts: []string{}}},
		{"texts:\n- a\n- b\n", every{Texts: []string{"a", "b"}}},
		{"lists: [[1, 2], []]", every{Lists: [][]int{{1, 2}, {}}}},
		{"named: {a: b, 5: 6, \"c d\": e}", every{Named: map[string]string{"a": "b", "5": "6", "c d": "e"}}},
		{"sizes: {a: 1KiB}", every{Sizes: map[string]Size{"a": 1024}}},
		{"deep: {a: [hunter22]}", every{Deep: map[string][]Secret{"a": {"hunter22"}}}},
		{"map: {a: 1}", every{Map: everyInner{A: 1}}},
		{"maybe: {}", every{Maybe: &everyInner{}}},
		{"maybe: {b: x}", every{Maybe: &everyInner{B: "x"}}},
		{"maps: [{a: 1}, {b: x}]", every{Maps: []everyInner{{A: 1}, {B: "x"}}}},
		{"union: never", every{Union: sampleRepeat{Never: true}}},
		{"unions: [never, 5m]", every{Unions: []sampleRepeat{{Never: true}, {Every: Duration(5 * time.Minute)}}}},
		{"word: two", every{Word: "two"}},
		{"base: x", every{EveryBase: EveryBase{Base: "x"}}},
		{"map: &m {a: 1}\nmaybe: *m", every{Map: everyInner{A: 1}, Maybe: &everyInner{A: 1}}},
		{"map: &m {a: 1, b: x}\nmaybe: {<<: *m, a: 2}", every{Map: everyInner{A: 1, B: "x"}, Maybe: &everyInner{A: 2, B: "x"}}},
		{"map: &m {a: 1}\nmaps: [&n {b: x}, {<<: [*m, *n]}]", every{Map: everyInner{A: 1}, Maps: []everyInner{{B: "x"}, {A: 1, B: "x"}}}},
		{"\uFEFFtext: a", every{Text: "a"}},
		{"text: a\r\nint: 5\r\n", every{Text: "a", Int: 5}},
		{"---\ntext: a\n...\n", every{Text: "a"}},
		{"%YAML 1.1\n---\ntext: a\n", every{Text: "a"}},
		{"# comment\n{\"text\": \"a\", \"int\": 5}", every{Text: "a", Int: 5}},
	} {
		t.Run(c.src, func(t *testing.T) {
			var got every
			r := NewReader()
			if d := r.Decode(Parse("f.yaml", []byte(c.src), Env{}, r).Root, &got); !d.OK || r.Failed() {
				t.Fatal(textOf(r.Diagnostics()))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestDecodeRaw: raw nodes are those of the file.
func TestDecodeRaw(t *testing.T) {
	var got every
	r := NewReader()
	root := Parse("f.yaml", []byte("raw: [a]\nraws: {x: {y: 5}}\n"), Env{}, r).Root
	r.Decode(root, &got)
	if got.Raw != root.Get("raw") || got.Raws["x"] != root.Get("raws", "x") || r.Failed() {
		t.Errorf("%+v %v", got, r.Diagnostics())
	}
}

// TestDecodeDefaults: what the file does not mention keeps the value it had, and
// defaults that share memory with others are not written to.
func TestDecodeDefaults(t *testing.T) {
	shared := &everyInner{A: 1, B: "default"}
	defaults := every{
		Text: "default", Int: 7, Bool: true, Duration: Duration(time.Minute), Map: everyInner{A: 1, B: "default"},
		Maybe: shared, Texts: []string{"default"}, Named: map[string]string{"a": "default"}, Pointer: intAt(7),
	}
	got := defaults
	r := NewReader()
	src := "int: 8\nmap: {a: 2}\nmaybe: {a: 3}\ntexts: [x]\nnamed: {b: y}\npointer: 9\n"
	if !r.Decode(Parse("f.yaml", []byte(src), Env{}, r).Root, &got).OK {
		t.Fatal(textOf(r.Diagnostics()))
	}
	want := every{
		Text: "default", Int: 8, Bool: true, Duration: Duration(time.Minute), Map: everyInner{A: 2, B: "default"},
		Maybe: &everyInner{A: 3, B: "default"}, Texts: []string{"x"}, Named: map[string]string{"b": "y"}, Pointer: intAt(9),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if *shared != (everyInner{A: 1, B: "default"}) || defaults.Texts[0] != "default" || len(defaults.Named) != 1 || *defaults.Pointer != 7 {
		t.Errorf("the defaults were written to: %+v", defaults)
	}
}
