package rule

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// explained writes readings as a person is told of them.
func explained(readings []Reading) string {
	var all []string
	for _, r := range readings {
		all = append(all, r.Name+" was "+r.Text)
	}
	return strings.Join(all, ", ")
}

// explainCases are rules over sampleVars, what they come to, and the values that
// made them so: of `and` and `or` those that decided, of a call its result.
var explainCases = []struct {
	src  string
	is   bool
	want string
}{
	{`latency > "800ms"`, true, `latency was 1.21s`},
	{`latency > "2s"`, false, `latency was 1.21s`},
	{`status >= 200 and latency > "800ms"`, true, `status was 200, latency was 1.21s`},
	{`status >= 500 or latency > "800ms"`, true, `latency was 1.21s`},
	{`latency > "800ms" or status >= 500`, true, `latency was 1.21s`},
	{`status >= 500 or latency > "2s"`, false, `status was 200, latency was 1.21s`},
	{`status >= 500 and latency > "800ms"`, false, `status was 200`},
	{`status >= 200 and count > 5 and connected`, false, `count was 2`},
	{`status == 1 or status == 2 or count == 2 or connected`, true, `count was 2`},
	{`(status >= 500 or count == 2) and (connected or rate > 100)`, true, `count was 2, connected was true`},
	{`not connected or not (status == 200 and count > 5)`, true, `count was 2`},
	{`status not in [200, 204]`, false, `status was 200`},
	{`not (body contains "x") and body startsWith "hé"`, true, `body was "héllo wörld"`},
	{`100 < status < 300`, true, `status was 200`},
	{`connected`, true, `connected was true`},
	{`true`, true, ``},
	{`1 == 2`, false, ``},

	{`len(running) == 1`, true, `len(running) was 1`},
	{`len(running) + count > 2`, true, `len(running) was 1, count was 2`},
	{`max(prev.latency, latency) > prev.latency * 2`, true, `max(prev.latency, latency) was 1.21s, prev.latency was 35ms`},
	{`hasPrefix(body, state)`, false, `body was "héllo wörld", state was "running"`},
	{`now.Hour() > 2`, true, `now.Hour() was 3`},
	{`latency > duration("1s")`, true, `latency was 1.21s`},
	{`now > date("2026-01-01")`, true, `now was 2026-01-02T03:04:05Z`},
	{`rate * 1.1 > 1`, true, `rate was 2.5`},
	{`rate / 3 > 1 or mean(rate, 1.7345678) > 2`, true, `mean(rate, 1.7345678) was 2.11728`},
	{`body[0:5] == "héllo"`, true, `body[0:5] was "héllo"`},
	{`body matches "w.rld$"`, true, `body was "héllo wörld"`},
	{`since(now - "5m") == "5m"`, true, `since(now - "5m") was 5m`},

	{`json.items[0].state == "up" and json?.nope == nil`, true, `json.items[0].state was "up", json?.nope was null`},
	{`(headers["x"] ?? "none") == "none"`, true, `headers["x"] was null`},
	{`(json.items[9].state ?? "none") == "none"`, true, `json.items[9].state was null`},
	{`headers[raw == "raw" ? "server" : "x"] == "x"`, true, `headers[raw == "raw" ? "server" : "x"] was "x", raw was "raw"`},
	{`find(rows, .id == 8).name == "eve"`, true, `find(rows, .id == 8).name was "eve"`},
	{`units[0].active == "active"`, true, `units[0].active was "active"`},
	{`json.count == nil`, true, `json.count was null`},
	{`row == rows[0]`, false, `row was {"at":"2026-01-02T01:04:05Z","id":7,"n":null,"name":"bob","price":"9.5"}, rows[0] was {"id":7,"n":null,"name":"bob"}`},

	{`any(json.items, .state != "up")`, true, `json.items[1] was {"n":2,"state":"down"}`},
	{`any(running, # == state)`, false, `running was ["a"], state was "running"`},
	{`all(units, {.active == "active"})`, false, `units[1] was {"active":"failed","active_for":"1m","last":{"latency":"0s","status":""},"memory":512,"name":"b","restarts":0}`},
	{`all(running, # == "a")`, true, `running was ["a"]`},
	{`none(running, # == "a")`, false, `running[0] was "a"`},
	{`one(json.items, .n > 1)`, true, `json.items[1] was {"n":2,"state":"down"}`},
	{`any(filter(rows, .id > 7), .name == "eve")`, true, `filter(rows, .id > 7)[0] was {"id":8,"n":2.5,"name":"eve"}`},
	{`count(rows, .id > 6) == 2`, true, `count(rows, .id > 6) was 2`},

	{`connected ? status == 200 : rate > 1`, true, `connected was true, status was 200`},
	{`if status == 500 {connected} else {count == 2}`, true, `status was 200, count was 2`},
	{`let n = json.n; n > 2 and status == 200`, true, `n was 3, status was 200`},
	{`let n = json.n; let m = n + 1; n > 5 or m == 4`, true, `m was 4`},
	{`let all = (let a = rows; a); any(all, .id == 8)`, true, `all[1] was {"id":8,"n":2.5,"name":"eve"}`},
	{`(let x = count; x == 2) or connected`, true, `x was 2`},
}

func TestExplain(t *testing.T) {
	s := testScope()
	env := any(sampleVars())
	var m VM
	for _, c := range explainCases {
		p := mustRule(t, s, c.src)
		is, err := p.True(&m, env)
		if err != nil || is != c.is {
			t.Errorf("%s is %v, %v", c.src, is, err)
		}
		for range 2 { // the first time compiles
			if got := explained(p.Explain(&m, env, is)); got != c.want {
				t.Errorf("%s: %v because\n%s, want\n%s", c.src, is, got, c.want)
			}
		}
	}
}

// All that was read is told where a rule failed, as nothing decided then.
func TestReadings(t *testing.T) {
	s := testScope()
	for src, want := range map[string]string{
		`status >= 500 or json.count > 1`:           `status was 200, json.count was null`,
		`json["nope"] == json.count?.x`:             `json["nope"] was null, json.count?.x was null`,
		`len(json.n) > 1 and latency > "1s"`:        `latency was 1.21s`, // len has no value
		`any(rows, .n > 3) or prev.status == state`: `rows was [{"id":7,"n":null,"name":"bob"},{"id":8,"n":2.5,"name":"eve"}], prev.status was "healthy", state was "running"`,
		`latency`: `latency was 1.21s`,
	} {
		p := mustValue(t, s, src)
		if got := explained(p.Readings(new(VM), sampleVars())); got != want {
			t.Errorf("%s read\n%s, want\n%s", src, got, want)
		}
	}
}

// What is read comes from strangers: it is short, of one line, and safe to print.
func TestReadingsAreSafe(t *testing.T) {
	s := testScope()
	for _, c := range []struct{ body, want string }{
		{"", `""`},
		{strings.Repeat("é", 200), `"` + strings.Repeat("é", 58) + `…"`},
		{"a\x1b[2J\r\nb\x7f", `"a\u001b[2J\u000d\nb\u007f"`},
		{"\u009b31m\u202eevil\u2028", `"\u009b31m\u202eevil\u2028"`},
		{"x\xff", "\"x\uFFFD\""},
	} {
		env := sampleVars()
		env.Body, env.JSON = c.body, []any{c.body}
		got := mustRule(t, s, `body == "?" or json == [1]`).Readings(new(VM), env)
		want := []Reading{{"body", c.want}, {"json", "[" + c.want + "]"}}
		if len(c.body) > 200 {
			want[1].Text = got[1].Text // is cut elsewhere
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", c.body, diff)
		}
		for _, r := range got {
			checkReading(t, c.body, r)
		}
	}
	// Names are the file's own text, and may be anybody's as well.
	got := mustRule(t, s, "headers[\"\u202e\u009b\"] == \"\" or len(\"\u202e\" + body) == 1").Readings(new(VM), sampleVars())
	if want := `headers["\u202e\u009b"] was null, len("\u202e" + body) was 12`; explained(got) != want {
		t.Errorf("%s, want %s", explained(got), want)
	}
}

func checkReading(t *testing.T, src string, r Reading) {
	t.Helper()
	for _, s := range []string{r.Name, r.Text} {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Errorf("%q: %q is not fit to print", src, r)
		}
	}
	if len(r.Text) > 6*maxReading || len(r.Name) > 6*maxReading {
		t.Errorf("%q: %d and %d bytes", src, len(r.Name), len(r.Text))
	}
}

// Rules are as long, as deep and as costly as they may be: to explain them takes no
// longer than to run them.
func TestExplainLimits(t *testing.T) {
	s := testScope()
	env := any(bigVars())
	nested := "status == 200"
	for i := range 30 {
		nested = fmt.Sprintf("(status == %d or (%s and count == 2))", i, nested)
	}
	for _, c := range []struct{ name, src string }{
		{"many operands", strings.Repeat("status == 1 or ", 900) + "status == 200"},
		{"nested", nested},
		{"many values", strings.Repeat("len(running) > 1 and ", 600) + "connected"},
		{"a large list", `any(json.items, .n == 199999) and len(json.items) > 5 and json.items != []`},
		{"large lists of structs and names", `any(running, # == "name") and len(running) > 1 and running != []`},
		{"costly parts", strings.Repeat(`any(json.items, .n == 20000) and `, 30) + "connected"},
		{"costly to choose from", strings.Repeat(`any(json.items, .n == -1) or `, 9) + "connected"},
		{"a deep list", `reduce(1..900, [#acc], 0) != [1]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustRule(t, s, c.src)
			var m VM
			is, err := p.True(&m, env)
			if err != nil {
				is = true // it is explained all the same
			}
			within(t, generous, func() {
				got := append(p.Explain(&m, env, is), p.Readings(&m, env)...)
				if len(got) == 0 || len(got) > 2*maxReadings {
					t.Errorf("%d values", len(got))
				}
			})
		})
	}
}

// An explanation is true: each value is what the part of that name comes to by
// itself, and the rule comes out the same where only what was told is known.
func TestExplainProperty(t *testing.T) {
	s := testScope()
	atoms := []string{`status == 200`, `status > 200`, `count == 2`, `connected`, `latency > "1s"`, `rate > 100`,
		`len(running) > 3`, `any(rows, .id == 8)`, `state == "x"`, `true`, `false`}
	var expression func(depth int) *rapid.Generator[string]
	expression = func(depth int) *rapid.Generator[string] {
		if depth == 0 {
			return rapid.SampledFrom(atoms)
		}
		sub := rapid.Deferred(func() *rapid.Generator[string] { return expression(depth - 1) })
		return rapid.Custom(func(t *rapid.T) string {
			a, b := sub.Draw(t, "a"), sub.Draw(t, "b")
			switch rapid.IntRange(0, 4).Draw(t, "op") {
			case 0:
				return "(" + a + " and " + b + ")"
			case 1:
				return "(" + a + " or " + b + ")"
			case 2:
				return "not (" + a + ")"
			case 3:
				return "(" + sub.Draw(t, "c") + " ? " + a + " : " + b + ")"
			}
			return a
		})
	}
	env := any(sampleVars())
	rapid.Check(t, func(rt *rapid.T) {
		src := expression(4).Draw(rt, "rule")
		p := mustRule(t, s, src)
		var m VM
		is, err := p.True(&m, env)
		if err != nil {
			rt.Fatal(err)
		}
		told := p.Explain(&m, env, is)
		for _, r := range told {
			if strings.HasPrefix(r.Name, "rows[") || len(told) == maxReadings {
				continue
			}
			v, err := mustValue(t, s, r.Name).Eval(&m, env)
			if err != nil || readingText(v) != r.Text {
				rt.Fatalf("%s: %s was %s, and is %v, %v", src, r.Name, r.Text, v, err)
			}
		}
		if len(told) == maxReadings {
			return
		}
		// Whatever else the untold variables were, the rule came out like this.
		other := sampleVars()
		for name, change := range map[string]func(){
			"status": func() { other.Status = 500 }, "count": func() { other.Count = 7 },
			"connected": func() { other.Connected = false }, "latency": func() { other.Latency = 0 },
			"rate": func() { other.Rate = 1000 }, "len(running)": func() { other.Running = make([]string, 9) },
			"rows": func() { other.Rows = nil }, "state": func() { other.State = "x" },
		} {
			known := false
			for _, r := range told {
				known = known || r.Name == name || name == "rows" && strings.HasPrefix(r.Name, "rows[")
			}
			if !known {
				change()
			}
		}
		if again, err := p.True(&m, any(other)); err != nil || again != is {
			rt.Fatalf("%s is %v because %s, and %v where the rest is otherwise", src, is, explained(told), again)
		}
	})
}
