// What CONTRACT.md and the package promise of a file, from outside the package.
package schema_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/schema"
)

type inner struct {
	User string        `yaml:"user,required"`
	Pass schema.Secret `yaml:"pass"`
}
type everything struct {
	S     string            `yaml:"s"`
	Req   *inner            `yaml:"inner"`
	N     int               `yaml:"n" min:"1" max:"70000"`
	I8    int8              `yaml:"i8"`
	U     uint32            `yaml:"u"`
	F     float64           `yaml:"f"`
	B     bool              `yaml:"b"`
	PB    *bool             `yaml:"pb"`
	D     schema.Duration   `yaml:"d"`
	Z     schema.Size       `yaml:"z"`
	P     schema.Secret     `yaml:"p"`
	L     []string          `yaml:"l"`
	E     []string          `yaml:"e" enum:"one,two,three"`
	M     map[string]string `yaml:"m"`
	Ds    []schema.Duration `yaml:"ds"`
	Inner []inner           `yaml:"inners"`
}

var vars = map[string]string{"PORT": "5432", "EMPTY": "", "FLAG": "true", "NULL": "null", "TILDE": "~", "PW": "s3cr3t-value", "DUR": "30s", "SPACED": "a: b # c", "MULTI": "line one\nline two is long"}

func env() schema.Env {
	return schema.Env{
		Lookup:   func(n string) (string, bool) { v, ok := vars[n]; return v, ok },
		ReadFile: os.ReadFile,
	}
}

func read(src string, into any) (*schema.Document, *schema.Reader, schema.Decoded) {
	r := schema.NewReader()
	d := schema.Parse("f.yaml", []byte(src), env(), r)
	return d, r, r.Decode(d.Root, into)
}

func text(r *schema.Reader) string {
	var b strings.Builder
	_ = schema.WriteText(&b, r.Diagnostics(), false)
	return b.String()
}

// TestReadDecode: what a file means.
func TestReadDecode(t *testing.T) {
	cases := []struct{ src, want string }{ // want: a Go value, or "ERR part of message"
		{"n: ${PORT}", "n=5432"},
		{`n: "${PORT}"`, "n=5432"},
		{"n: 0x10", "n=16"}, {"n: 1_000", "n=1000"}, {"n: 010", "ERR"}, {"n: 08", "ERR"}, {"n: 0", "ERR"}, {"n: 70001", "ERR"},
		{"n: 9999999999999999999999", "ERR"}, {"n: .nan", "ERR"}, {"n: 1e400", "ERR"}, {"n: 1.5", "ERR"}, {"n: '5'", "ERR"},
		{"s: a", "s=a"},
		{"f: .nan", "ERR"}, {"f: .inf", "ERR"}, {"f: 1e400", "ERR"}, {"f: 0x10", "f=16"}, {"f: 1_0.5", "f=10.5"}, {"f: 3", "f=3"},
		{"b: yes", "ERR"}, {"b: True", "b=true"}, {"b: ${FLAG}", "b=true"}, {`b: "${FLAG}"`, "b=true"}, {"pb: false", "pb=false"},
		{"d: 5", "ERR unit"}, {"d: 0s", "ERR"}, {"d: -5s", "ERR"}, {"d: .nan", "ERR"}, {"d: 1e3s", "ERR"}, {"d: 300y", "ERR"}, {"d: 999999d", "ERR"},
		{"d: 1h30m", "d=5400000000000"}, {"d: 90d", "d=7776000000000000"}, {"d: ${DUR}", "d=30000000000"}, {"d: 0.0000000001s", "ERR"}, {"d: [5s]", "ERR"},
		{"z: 64KiB", "z=65536"}, {"z: 10MB", "z=10000000"}, {"z: 512", "z=512"}, {"z: -1", "ERR"}, {"z: 10mb", "ERR"}, {"z: 9999999999GB", "ERR"}, {"z: .inf", "ERR"},
		{"s: -1001234567890", "s=-1001234567890"}, {"s: 1_000", "s=1_000"}, {"s: true", "s=true"}, {"s: 2020-01-01", "s=2020-01-01"}, {"s: null", "ERR"}, {"s: [a]", "ERR"}, {"s: {a: b}", "ERR"}, {"s: ~", "ERR"},
		{"s: ${NULL}", "s=null"}, {"s: ${TILDE}", "s=~"}, {"s: ${SPACED}", "s=a: b # c"}, {"s: '${PORT}'", "s=5432"}, {"s: $$x$y$", "s=$x$y$"}, {"s: |\n  ${PORT}\n", "s=5432\n"},
		{"s: ${EMPTY:-dflt}", "s=dflt"}, {"s: ${NOPE:-dflt}", "s=dflt"}, {"s: ${NOPE:-}x", "s=x"},
		{"s: ${NOPE}", "ERR NOPE"}, {"s: ${", "ERR"}, {"s: ${}", "ERR"}, {"s: ${1X}", "ERR"}, {"s: ${NOPE-dflt}", "ERR"}, {"s: ${env:X}", "ERR"}, {"s: \"${A:-{}}\"", "ERR"},
		{"l: a", "ERR"}, {"l: [a, \"${NOPE:-}\", b]", "l=[a b]"}, {"m: {X: \"${NOPE:-}\", Y: z}", "m=map[Y:z]"},
		{"l: [a, null]", "ERR"}, {"e: [one, tow]", "ERR"}, {"e: [one, two]", "e=[one two]"},
		{"ds: [5s, 1m]", "ds=[5000000000 60000000000]"}, {"ds: [5s, 5]", "ERR"},
		{"s: !!str 12", "s=12"}, {"n: !!int '12'", "n=12"}, {"s: !foo bar", "ERR"}, {"s: !!binary aGk=", "ERR"},
		{"l: &x [a]\ne: []", "l=[a]"}, {"s: &x v", "s=v"},
	}
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			var v everything
			_, r, d := read(c.src, &v)
			got := text(r)
			if want, isErr := strings.CutPrefix(c.want, "ERR"); isErr {
				if !r.Failed() || d.OK && len(r.Diagnostics()) == 0 {
					t.Fatalf("accepted: %+v", v)
				}
				if !strings.Contains(got, strings.TrimSpace(want)) {
					t.Errorf("lacks %q:\n%s", want, got)
				}
				if n := len(r.Diagnostics()); n != 1 {
					t.Errorf("%d mistakes:\n%s", n, got)
				}
				return
			}
			if r.Failed() {
				t.Fatal(got)
			}
			var pb any
			if v.PB != nil {
				pb = *v.PB
			}
			all := map[string]any{"n": v.N, "i8": v.I8, "u": v.U, "f": v.F, "b": v.B, "pb": pb, "d": int64(v.D), "z": int64(v.Z), "s": v.S, "l": v.L, "m": v.M, "e": v.E}
			ds := []int64{}
			for _, x := range v.Ds {
				ds = append(ds, int64(x))
			}
			all["ds"] = ds
			key, _, _ := strings.Cut(c.want, "=")
			if g := fmt.Sprintf("%s=%v", key, all[key]); g != c.want {
				t.Errorf("got %q, want %q", g, c.want)
			}
		})
	}
}

// TestReadUnset: what ${NAME:-} leaves empty.
func TestReadUnset(t *testing.T) {
	type required struct {
		Q string            `yaml:"q,required"`
		L []string          `yaml:"l,required"`
		O string            `yaml:"o"`
		A string            `yaml:"a,oneof=x"`
		B string            `yaml:"b,oneof=x"`
		I *inner            `yaml:"i"`
		M map[string]string `yaml:"m"`
	}
	cases := []struct {
		src, unset string
		ok         bool
	}{
		{"{q: v, l: [v], a: v}", "[]", true},
		{"{q: '${NOPE:-}', l: [v], a: v}", "[NOPE]", true},
		{"{q: '${EMPTY}', l: [v], a: v}", "[EMPTY]", true},
		{"{q: v, l: [v, '${NOPE:-}'], a: v}", "[NOPE]", true},
		{"{q: v, l: '${NOPE:-}', a: v}", "[NOPE]", true},
		{"{q: v, l: [v], a: '${NOPE:-}'}", "[NOPE]", true},
		{"{q: v, l: [v], a: v, o: '${NOPE:-}'}", "[]", true},
		{"{q: v, l: [v], a: v, i: {user: '${NOPE:-}'}}", "[NOPE]", true},
		{"{q: '', l: [v], a: v}", "[]", false},
		{"{q: v, l: [], a: v}", "[]", false},
		{"{q: v, l: [v]}", "[]", false},
		{"{q: v, l: [v], a: v, b: v}", "[]", false},
	}
	for _, c := range cases {
		v := required{O: "default"}
		_, r, d := read(c.src, &v)
		if fmt.Sprint(d.Unset) != c.unset || d.OK != c.ok {
			t.Errorf("%s: %v %v\n%s", c.src, d.Unset, d.OK, text(r))
		}
		if v.O != "default" {
			t.Errorf("%s: the default is gone: %q", c.src, v.O)
		}
	}
}

// TestReadShared: defaults that are pointers are not written to.
func TestReadShared(t *testing.T) {
	yes := true
	d := everything{PB: &yes, Req: &inner{User: "u"}, L: []string{"x", "y"}, M: map[string]string{"k": "v"}}
	c := d
	_, r, _ := read("{pb: false, inner: {user: other}, l: [z], m: {a: b}}", &c)
	if r.Failed() || !yes || d.Req.User != "u" || d.L[0] != "x" || len(d.M) != 1 || d.M["k"] != "v" {
		t.Errorf("the shared default changed: %v %v %v %v %s", yes, d.Req, d.L, d.M, text(r))
	}
}

// TestReadSecrets: nothing shows.
func TestReadSecrets(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "tok"), []byte("file-secret-1\r\n"), 0o600)
	src := "s: ${PW}\np: hunter2-plain\nl: ['http://bob:pa%20ss-word@h/x', 'postgres://postgres@h/x', '${file:" + dir + "/tok}']\nm: {a: \"${MULTI}\"}\n"
	var v everything
	_, r, _ := read(src, &v)
	if r.Failed() {
		t.Fatal(text(r))
	}
	for _, s := range []string{"s3cr3t-value", "hunter2-plain", "pa%20ss-word", "pa ss-word", "bob:pa%20ss-word", "file-secret-1", "line two is long", "line one\\nline two is long"} {
		if got := r.Secrets.Redact("x " + s + " y"); strings.Contains(got, s) {
			t.Errorf("%q shows: %q", s, got)
		}
	}
	for _, s := range []string{"postgres", "http", "bob"} {
		if got := r.Secrets.Redact("the " + s + " server"); !strings.Contains(got, s) {
			t.Errorf("%q is taken for a secret: %q", s, got)
		}
	}
	r.Hide("abcdef")
	r.Hide("defghi")
	r.Hide(`a "b" <c>&d/e`)
	for in, bad := range map[string]string{"x abcdefghi y": "ghi", `{"k":"a \"b\" \u003cc\u003e\u0026d/e"}`: "003c", `{"k":"a \"b\" <c>&d/e"}`: "<c>", "a+%22b%22+%3Cc%3E%26d%2Fe": "22b", "a%20%22b%22%20%3Cc%3E&d%2Fe": "22b", "a &#34;b&#34; &lt;c&gt;&amp;d/e": "&lt;c"} {
		if got := r.Secrets.Redact(in); strings.Contains(got, bad) {
			t.Errorf("%q became %q", in, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { r.Secrets.Redact("a text that is of no interest to anyone, really") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestReadTruncated: no beginning of a file makes a panic.
func TestReadTruncated(t *testing.T) {
	src := "\uFEFF# ä\na: &x {b: 'it''s ${PORT}', \"c\\u00e4\\\n  d\": [1, 2, *y]}\nl: |2-\n    ${NOPE:-x\n  y\r\nf: >+\n  a\n\n   b\n\n? k\n: v\n<<: [*x, {q: !!str 1}]\nz: \"${file:/x}${\"\n---\n... x\n\t@"
	for i := range len(src) + 1 {
		for _, tail := range []string{"", "\n", "\"", "]", "}", ": x", "\t", "\xff"} {
			var v everything
			_, r, _ := read(src[:i]+tail, &v)
			for _, d := range r.Diagnostics() {
				if d.Line < 1 || d.Column < 1 || d.Line > strings.Count(src, "\n")+4 {
					t.Fatalf("%q: %+v", src[:i]+tail, d)
				}
			}
			_ = text(r)
		}
	}
}

// TestReadLimits: files made to hurt.
func TestReadLimits(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	cases := []struct{ name, src string }{
		{"bomb", bomb}, {"self", "a: &x [*x]\n"}, {"self merge", "a: &x\n  <<: *x\n"}, {"deep flow", "a: " + strings.Repeat("[", 100_000)}, {"deep block", "a: \n  " + strings.Repeat("- ", 5000)},
		{"101", "a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100)}, {"large", strings.Repeat("#", 64<<20+1)}, {"nul", "a: \x00\n"}, {"latin1", "a: caf\xe9\n"}, {"utf16", "\xff\xfea\x00:\x00 \x001\x00"},
		{"map key", "{[a]: b}\n"}, {"null key", "? \n: b\n"}, {"merge scalar", "<<: 5\na: b\n"}, {"merge map key", "? <<\n: [5]\n"}, {"second", "a: b\n---\nc: d\n"}, {"second empty", "a: b\n---\n"}, {"empty", ""}, {"comment", "# x\n"}, {"bom only", "\uFEFF"}, {"root list", "- a\n"}, {"root text", "foo\n"}, {"null", "null\n"},
		{"quadratic quotes", strings.Repeat("a: \"x\n", 20_000)}, {"comments", strings.Repeat("# c\n\n", 200_000) + "a: ["}, {"many open", strings.Repeat("a:\n ", 30_000) + "@"}, {"long line error", "a: [" + strings.Repeat("x, ", 300_000) + "}"},
		{"dup", "a: 1\na: 2\n"}, {"dup deep flow", "a: {b: {c: 1, c: 2}}\n"}, {"dup quoted", "a: 1\n'a': 2\n"}, {"hash merge", "<<: {? [a] : b}\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			var v struct{}
			r := schema.NewReader()
			d := schema.Parse("f.yaml", []byte(c.src), env(), r)
			_ = v
			ds := r.Diagnostics()
			out := text(r)
			took := time.Since(start)
			if len(ds) != 1 || d.Root == nil {
				t.Errorf("%d mistakes", len(ds))
			}
			if len(out) > 600 {
				out = out[:600] + "…"
			}
			t.Logf("%v\n%s", took.Round(time.Millisecond), out)
			if took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestReadNil(t *testing.T) {
	r := schema.NewReader()
	var n *schema.Node
	r.Errorf(n, "", "a")
	r.Warnf(n.Near("x"), "", "b")
	func() {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("ErrorIn(nil): %v", p)
			}
		}()
		r.ErrorIn(n, 0, 1, "", "c")
	}()
	var b bytes.Buffer
	if err := schema.WriteJSON(&b, nil); err != nil || strings.TrimSpace(b.String()) != "[]" {
		t.Error(b.String())
	}
}

// TestReadFIFO: a pipe does not hold up the reading of a file.
func TestReadFIFO(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "p")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan string, 1)
	go func() {
		r := schema.NewReader()
		schema.Parse("f.yaml", []byte("s: ${file:"+fifo+"}\n"), schema.OSEnv(), r)
		done <- text(r)
	}()
	select {
	case out := <-done:
		t.Log(out)
	case <-time.After(3 * time.Second):
		t.Error("hangs on a FIFO")
		go os.OpenFile(fifo, os.O_WRONLY, 0)
	}
}

// FuzzRedact: no secret survives.
func FuzzRedact(f *testing.F) {
	f.Add("abcd", "cdef", "xx abcdef yy")
	f.Fuzz(func(t *testing.T, a, b, s string) {
		r := schema.NewReader()
		r.Hide(a)
		r.Hide(b)
		out := r.Secrets.Redact(s)
		for _, x := range []string{a, b} {
			if len(x) >= 4 && strings.Contains(strings.ReplaceAll(out, "[redacted]", "\x00"), x) {
				t.Fatalf("%q in %q of %q", x, out, s)
			}
		}
	})
}
