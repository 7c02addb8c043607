package schema

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// benchCheck is a check as the engine reads it, as far as schema is concerned.
type benchCheck struct {
	HTTP struct {
		URL     string            `yaml:"url,required"`
		Method  string            `yaml:"method" enum:"GET,HEAD,POST"`
		Headers map[string]string `yaml:"headers"`
	} `yaml:"http"`
	Interval Duration `yaml:"interval"`
	Timeout  Duration `yaml:"timeout"`
	Rules    struct {
		Unhealthy *Node `yaml:"unhealthy"`
		Degraded  *Node `yaml:"degraded"`
	} `yaml:"rules"`
	Tags     []string `yaml:"tags"`
	Critical bool     `yaml:"critical"`
}

const manyChecks = 10_000

// manyLines is a file of checks with 12 lines each, where every(i) is a mistake
// in it.
func manyLines(checks int, mistake func(i int) bool) []byte {
	var b bytes.Buffer
	b.WriteString("version: 1\nchecks:\n")
	for i := range checks {
		interval := "30s"
		if mistake(i) {
			interval = "soon"
		}
		fmt.Fprintf(&b, `  service-%05d:
    http:
      url: http://127.0.0.1:%d/health
      method: GET
      headers: {Accept: application/json, X-Check: "%d"}
    interval: %s
    timeout: 5s
    rules:
      unhealthy: status != 200
      degraded: latency > "500ms"
    tags: [web, "team-%d"]
    critical: true
`, i, 1024+i%60000, i, interval, i%7)
	}
	return b.Bytes()
}

func none(int) bool { return false }

func readChecks(tb testing.TB, src []byte) *Reader {
	r := NewReader()
	doc := Parse("checks.yaml", src, Env{}, r)
	for _, e := range doc.Root.Get("checks").Entries {
		var c benchCheck
		r.Decode(e.Value, &c)
	}
	return r
}

// BenchmarkRead reads a file of 10,000 checks: 120,000 lines, 3 MB. BenchmarkYAML
// is the floor, with about 60 % of the time and half of the memory: on two cores
// of a server, 275 ms and 140 MB, of them 170 ms and 72 MB in the library.
func BenchmarkRead(b *testing.B) {
	src := manyLines(manyChecks, none)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if r := readChecks(b, src); r.Failed() {
			b.Fatal(r.Diagnostics()[0])
		}
	}
}

func BenchmarkParse(b *testing.B) {
	src := manyLines(manyChecks, none)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if r := NewReader(); Parse("checks.yaml", src, Env{}, r) == nil || r.Failed() {
			b.Fatal(r.Diagnostics())
		}
	}
}

// BenchmarkYAML is the floor: the library alone.
func BenchmarkYAML(b *testing.B) {
	src := manyLines(manyChecks, none)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		var n yaml.Node
		if err := yaml.Unmarshal(src, &n); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMistakes reads the same file with 1,000 mistakes in it, and writes
// them: it takes no longer than BenchmarkRead.
func BenchmarkMistakes(b *testing.B) {
	src := manyLines(manyChecks, func(i int) bool { return i%10 == 0 })
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		r := readChecks(b, src)
		ds := r.Diagnostics()
		if len(ds) != manyChecks/10 {
			b.Fatal(len(ds))
		}
		var out strings.Builder
		if err := WriteText(&out, ds, true); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSyntax finds the place of one mistake that makes that file unreadable.
// The library is asked for it a few times, see maxSearched.
func BenchmarkSyntax(b *testing.B) {
	good := string(manyLines(manyChecks, none))
	for _, c := range []struct{ name, src string }{
		{"last line", good + "  last: {a: b\n"},
		{"bracket at the beginning", strings.Replace(good, "{Accept", "[Accept", 1)},
		{"quote at the beginning", strings.Replace(good, "GET", "'GET", 1)},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r := NewReader()
				if Parse("checks.yaml", []byte(c.src), Env{}, r); len(r.Diagnostics()) != 1 {
					b.Fatal(r.Diagnostics())
				}
			}
		})
	}
}
