package rule

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTemplates(t *testing.T) {
	s := testScope()
	env := sampleVars()
	env.Prev.Latency = 35 * time.Millisecond
	for src, want := range map[string]string{
		``:                                     ``,
		`plain`:                                `plain`,
		`{{ status }}`:                         `200`,
		`{{status}} in {{prev.latency}}`:       `200 in 35ms`,
		`{{ latency }}, {{ rate }}, {{ now }}`: `1.21s, 2.5, 2026-01-02T03:04:05Z`,
		`{{ 3.0 }} {{ 0.1 }} {{ 1e21 }} {{ 10 / 4 }} {{ 1e20 }}`: `3 0.1 1e+21 2.5 100000000000000000000`,
		`{{ json.items }}`:                      `[{"n":1,"state":"up"},{"n":2,"state":"down"}]`,
		`{{ row }}`:                             `{"at":"2026-01-02T01:04:05Z","id":7,"n":null,"name":"bob","price":"9.5"}`,
		`{{ prev }}`:                            `{"latency":"35ms","status":"healthy"}`,
		`{{ json.count }} {{ connected }}`:      `null true`,
		`{{ row.name }}/{{ raw }}`:              `bob/raw`,
		`{{ "{{" }} and {{ '}}' }} and }}`:      `{{ and }} and }}`,
		`{{ {"a": {"b": 1}} }}`:                 `{"a":{"b":1}}`,
		`{{{"a": 1}.a}}`:                        `1`,
		"{{ `}}` }}{{ \"\\\"}}\" }}":            `}}"}}`,
		`{ {{ len(running) }} }`:                `{ 1 }`,
		`{{ filter(rows, .id > 7)[0].name }} é`: `eve é`,
		`{{ headers["x"] ?? "none" }}`:          `none`,
		`{{ ["<&>", "\u0001\"\\\n"] }}`:         `["<&>","\u0001\"\\\n"]`,
		`{{ [latency, now, 0.5] }}`:             `["1.21s","2026-01-02T03:04:05Z",0.5]`,
	} {
		tmpl, mistakes := s.Template(src)
		if tmpl == nil {
			t.Errorf("%s: %+v", src, mistakes)
			continue
		}
		if got, err := tmpl.Render(new(VM), env); got != want || err != nil {
			t.Errorf("%s is %q, %v; want %q", src, got, err, want)
		}
	}
}

func TestTemplateMistakes(t *testing.T) {
	closing := `write }} behind the expression; a {{ that is meant is written {{ "{{" }}`
	for _, c := range []struct {
		src  string
		want []Mistake
	}{
		{`é {{ statu }} and {{ latency > 5 }}`, []Mistake{
			{6, 5, `there is no variable "statu"`, `did you mean "status"?`},
			{32, 1, `latency is a duration: compare it with a duration such as "5s"`, ``}}},
		{`a {{ status`, []Mistake{{2, 2, `this {{ is never closed with }}`, closing}}},
		{`{{ status }} {{`, []Mistake{{13, 2, `this {{ is never closed with }}`, closing}}},
		{`{{ status }`, []Mistake{{10, 1, `a {{ is closed with }}, not with one }`, `write }}`}}},
		{`{{ status } in {{ latncy }}`, []Mistake{{10, 1, `a {{ is closed with }}, not with one }`, `write }}`},
			{18, 6, `there is no variable "latncy"`, `did you mean "latency"?`}}},
		{`a {{  }}`, []Mistake{{2, 6, `there is nothing between {{ and }}`, ``}}},
		{`it {{ 'is }} so`, []Mistake{{6, 4, `this string is never closed`, ``}}},
		{`{{ (status }}`, []Mistake{{3, 1, `this ( is never closed`, ``}}},
		{strings.Repeat("x", 20000), []Mistake{{0, 1, `this is too long: 20000 bytes, where at most 16384 fit`, ``}}},
	} {
		tmpl, got := testScope().Template(c.src)
		if diff := cmp.Diff(c.want, got); diff != "" || tmpl != nil {
			t.Errorf("%.40s: %s", c.src, diff)
		}
	}
}

func TestTemplateFaultsAndUses(t *testing.T) {
	tmpl, _ := testScope().Template(`{{ status }}: {{ json.nope }} {{ count }}`)
	_, err := tmpl.Render(new(VM), sampleVars())
	if want := "json.nope: there is no such field (the fields are: count, items, mixed, n, state, text, yes, zero)"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	for _, name := range testScope().Names() {
		if used := name == "status" || name == "json" || name == "count"; tmpl.Uses(name) != used {
			t.Errorf("it uses %s: %v", name, tmpl.Uses(name))
		}
	}
}

// A message goes into logs, pages and alerts: it is short, and valid text.
func TestRenderedTextIsBounded(t *testing.T) {
	env := sampleVars()
	for _, body := range []string{strings.Repeat("é", 5000), strings.Repeat("x\xff", 5000), strings.Repeat("a", 4096), "\xff"} {
		env.Body = body
		for _, src := range []string{`{{ body }}`, `{{ body }}{{ body }}`, `a{{ [body] }}`} {
			tmpl, _ := testScope().Template(src)
			got, err := tmpl.Render(new(VM), env)
			if err != nil || len(got) > 4096 || !utf8.ValidString(got) {
				t.Errorf("%s: %d bytes, valid %v, %v", src, len(got), utf8.ValidString(got), err)
			}
			if cut := len(body) > 4096; cut != strings.HasSuffix(got, "…") && src == `{{ body }}` {
				t.Errorf("%s ends with %q", src, got[max(0, len(got)-5):])
			}
		}
	}
}

func TestParseDuration(t *testing.T) {
	for src, want := range map[string]time.Duration{
		"500ms": 500 * time.Millisecond, "30s": 30 * time.Second, "5m": 5 * time.Minute, "36h": 36 * time.Hour,
		"90d": 90 * 24 * time.Hour, "1h30m": 90 * time.Minute, "1.5s": 1500 * time.Millisecond, "0s": 0,
		"7us": 7 * time.Microsecond, "7µs": 7 * time.Microsecond, "7μs": 7 * time.Microsecond, "9ns": 9,
		"-5s": -5 * time.Second, "1d12h": 36 * time.Hour, "0.1s": 100 * time.Millisecond,
	} {
		if got, err := parseDuration(src); got != want || err != nil {
			t.Errorf("%s is %v, %v; want %v", src, got, err, want)
		}
	}
	for _, src := range []string{"", "-", "5", "s", "1 s", " 1s", "1s ", "1x", "1.2.3s", ".s", "1e3s", "1sm", "106752d", "9e99d",
		"1_000s", "+1s", "--1s", "NaNs", "infs", "1 parsec", "1S", "106751d1000h", "106751d23h47m16.9s"} {
		if got, err := parseDuration(src); err == nil {
			t.Errorf("%q is %v", src, got)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "0.001µs", 1500: "1.5µs", 35 * time.Millisecond: "35ms", 35_149_000: "35.1ms",
		999_400_000: "999ms", 999_600_000: "1s", 1214 * time.Millisecond: "1.21s", 59_940 * time.Millisecond: "59.9s",
		time.Minute: "1m", 125 * time.Second: "2m5s", 200 * time.Minute: "3h20m", 47 * time.Hour: "47h",
		12 * 24 * time.Hour: "12d", 50 * time.Hour: "2d2h", -35 * time.Millisecond: "-35ms",
		math.MinInt64: "-106751d23h", math.MaxInt64: "106751d23h",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%d ns is %s, want %s", d, got, want)
		}
	}
}
