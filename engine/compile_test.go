package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// One mistake each: the check's keys, and what is said of them.
func TestCompileMistakes(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"no type", "checks: {a: {}}", `1:10: error: the check "a" has no type` + "\nhint: add one of: fake"},
		{"two documents of one name", "checks:\n  a: {fake: x}\n  a: {fake: x}", `3:3: error: the key "a" is given twice` + "\nhint: the first is at line 2"},
		{"unknown key", "checks: {a: {fake: x, intervall: 5s}}", `1:23: error: unknown key "intervall"` + "\nhint: did you mean \"interval\"?"},
		{"mistyped type", "checks: {a: {fakee: x}}", `1:14: error: unknown key "fakee"` + "\nhint: did you mean \"fake\"?"},
		{"no checks", "checks: {}", "1:9: error: no checks are declared"},
		{"a list of checks", "checks: [a]", "1:9: error: checks wants a map of names, found a list"},
		{"a check that is no map", "checks: {a: x}", `1:13: error: a check is a map of keys, found the text "x"`},
		{"empty name", "checks: {'': {fake: x}}", "1:10: error: a check needs a name"},
		{"long name", "checks: {" + strings.Repeat("é", 101) + ": {fake: x}}", "1:10: error: a check's name has at most 100 characters, this one has 101"},
		{"control character", `checks: {"a\x01": {fake: x}}`, "1:10: error: a check's name holds no control characters"},
		{"dots", `checks: {"..": {fake: x}}`, `1:10: error: a check cannot be named "..": /health/.. would lead elsewhere`},
		{"type's own mistake", "checks: {a: {fake: bad}}", "1:20: error: bad url"},
		{"type's unknown key", "checks: {a: {fake: {url: x, siez: 5}}}", `1:29: error: unknown key "siez"` + "\nhint: did you mean \"size\"?"},
		{"no unit", "checks: {a: {fake: x, interval: 5}}", `1:33: error: interval wants a duration such as 30s: "5" has no unit` + "\nhint: write 5s for seconds"},
		{"too often", "checks: {a: {fake: x, interval: 1ms}}", "1:33: error: interval is at least 100ms"},
		{"zero", "checks: {a: {fake: x, timeout: 0s}}", `1:32: error: timeout wants a duration such as 30s: "0s" is zero`},
		{"thresholds", "checks: {a: {fake: x, thresholds: {unhealthy: 0}}}", "1:47: error: unhealthy is a number from 1 to 1000, found 0"},
		{"unknown variable", "checks: {a: {fake: x, rules: {degraded: valu > 5}}}", `1:41: error: `},
		{"in a block", "checks:\n  a:\n    fake: x\n    rules:\n      degraded: |\n        value > 5 and\n        latncy > \"1s\"\n", "7:9: error: "},
		{"message", "checks: {a: {fake: x, message: 'v {{ valu }}'}}", "1:38: error: "},
		{"metadata", "checks: {a: {fake: x, metadata: {m: valu}}}", "1:37: error: "},
		{"metadata list", "checks: {a: {fake: x, metadata: {m: [1]}}}", "1:37: error: metadata m wants an expression, found a list"},
		{"unknown route", "routes: {ops: {pager: {token: abcd}}}\nchecks: {a: {fake: x, routes: [opps]}}", `2:32: error: there is no route "opps"` + "\nhint: did you mean \"ops\"?"},
		{"route without notifier", "routes: {ops: {}}\nchecks: {a: {fake: x}}", `1:10: error: the route "ops" has no notifier` + "\nhint: add one of: pager"},
		{"route status", "routes: {ops: {on: [unhealty], pager: {token: abcd}}}\nchecks: {a: {fake: x}}", `1:21: error: on[0] is one of degraded, unhealthy, unknown, found the text "unhealty"` + "\nhint: did you mean \"unhealthy\"?"},
		{"unknown dependency", "checks: {a: {fake: x, depends_on: [aa]}}", `1:36: error: there is no check "aa"` + "\nhint: did you mean \"a\"?"},
		{"circle", "checks: {a: {fake: x, depends_on: [b]}, b: {fake: x, depends_on: [a]}}", `1:67: error: "b" and "a" depend on each other`},
		{"cron", "checks: {a: {fake: x, schedule: 'x'}}", "1:33: error: "},
		{"cron that never comes", "checks: {a: {fake: x, schedule: '0 0 31 2 *'}}", `1:33: error: the cron line "0 0 31 2 *" names a time that never comes`},
		{"time zone", "checks: {a: {fake: x, schedule: '@hourly', timezone: Mars/Base}}", `1:54: error: there is no time zone "Mars/Base"`},
		{"interval and schedule", "checks: {a: {fake: x, schedule: '@hourly', interval: 5s}}", "1:54: error: interval and schedule are both given"},
		{"listen", "server: {listen: nowhere}\nchecks: {a: {fake: x}}", `1:18: error: "nowhere" is not an address to listen on`},
		{"port", "server: {listen: 'localhost:70000'}\nchecks: {a: {fake: x}}", `1:18: error: "70000" is not a port`},
		{"prefix", "server: {metrics_prefix: 5x}\nchecks: {a: {fake: x}}", `1:26: error: "5x" cannot begin a metric's name`},
		{"template that is no map", "templates: {t: x}\nchecks: {a: {fake: x}}", `1:16: error: a template is a map of a check's keys, found the text "x"`},
		{"unknown template", "templates: {web: {timeout: 5s}}\nchecks: {a: {fake: x, uses: wbe}, b: {fake: x, uses: web}}", `2:29: error: there is no template "wbe"` + "\nhint: did you mean \"web\"?"},
		{"no template at all", "checks: {a: {fake: x, uses: web}}", `1:29: error: there is no template "web"`},
		{"uses a map", "checks: {a: {fake: x, uses: {a: b}}}", "1:29: error: uses wants the names of templates, found a map\nhint: such as uses: web, or uses: [web, slow]"},
		{"template in a circle", "templates:\n  t: {uses: u}\n  u: {uses: t}\nchecks: {a: {fake: x, uses: t}}", `3:13: error: the template "t" uses itself`},
		{"a template's mistake, told once", "templates:\n  t: {intervall: 5s}\nchecks: {a: {fake: x, uses: t}, b: {fake: x, uses: t}}", `2:7: error: unknown key "intervall"`},
		{"for_each of nothing", "checks: {a: {fake: x, for_each: []}}", "1:33: error: for_each is empty: it makes no check"},
		{"for_each of a text", "checks: {a: {fake: x, for_each: b}}", `1:33: error: for_each wants a list or a map, found the text "b"`},
		{"for_each without a name", "checks: {a: {fake: x, for_each: [{b: 1}]}}", "1:34: error: this element of for_each has no name to tell its check by\nhint: give it a name, or write for_each as a map of names"},
		{"for_each twice the same", "checks: {a: {fake: x, for_each: [b, b]}}", `1:10: error: two checks are named "a-b"`},
		{"for_each and another", "checks:\n  a: {fake: x, for_each: [b]}\n  a-b: {fake: x}", `3:3: error: two checks are named "a-b"` + "\nhint: the first is at checks.yaml:2"},
		{"no such part", "checks: {a: {fake: '{{ each.value.urll }}', for_each: {b: {url: x}}}}", `1:21: error: each.value has no "urll": it is a map` + "\nhint: did you mean \"url\"?"},
		{"deeper", "checks: {a: {fake: '{{ each.value.u.v }}', for_each: {b: {u: {w: x}}}}}", `1:21: error: each.value.u has no "v": it is a map` + "\nhint: its keys are: w"},
		{"no part of a text", "checks: {a: {fake: '{{ each.value[\"u\"] }}', for_each: [b]}}", `1:21: error: each.value has no "u": it is the text "b"`},
		{"past the end", "checks: {a: {fake: '{{ each.value.l[2] }}', for_each: {b: {l: [x, y]}}}}", `1:21: error: each.value.l has no "2": it is a list`},
		{"part of a key", "checks: {a: {fake: '{{ each.key.x }}', for_each: [b]}}", "1:21: error: each.key is a text: it has nothing within it"},
		{"a map in a text", "checks: {a: {fake: 'x{{ each.value }}', for_each: {b: {u: x}}}}", "1:22: error: each.value is a map, which cannot be part of a text\nhint: name what is meant within it"},
		{"cooldown of next to nothing", "routes: {ops: {pager: {token: abcd}, cooldown: 5ms}}\nchecks: {a: {fake: x}}", "1:48: error: cooldown is at least 1s"},
		{"repeat of next to nothing", "routes: {ops: {pager: {token: abcd}, repeat_interval: 5ms}}\nchecks: {a: {fake: x}}", "1:55: error: repeat_interval is at least 1s"},
		{"each without for_each", "checks: {a: {fake: 'x{{ each.key }}'}}", "1:22: error: there is no for_each that each.key could stand for\nhint: give the check a for_each"},
		{"in a rule of one element", "checks:\n  a:\n    fake: x\n    for_each: [5, five]\n    rules:\n      degraded: 'value > {{ each.value }}'", `6:26: error: there is no variable "five"`},
		{"version", "version: 2\nchecks: {a: {fake: x}}", "1:10: error: version is 1, found 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, text := tryCompile(newTarget(), c.src, nil)
			if plan != nil {
				t.Fatalf("no mistake was found\n%s", text)
			}
			if n := strings.Count(text, ": error: "); n != 1 {
				t.Errorf("%d mistakes for one:\n%s", n, text)
			}
			message, hint, _ := strings.Cut(c.want, "\n")
			if !strings.Contains("\n"+text, "\nchecks.yaml:"+message) {
				t.Errorf("got\n%s\nwant %s", text, message)
			}
			if hint != "" && !strings.Contains(text, "\n"+hint) {
				t.Errorf("got\n%s\nwant %s", text, hint)
			}
		})
	}
}

func TestCompileFindsAll(t *testing.T) {
	var b strings.Builder
	b.WriteString("checks:\n")
	for i := range 50 {
		fmt.Fprintf(&b, "  c%d: {fake: x, interval: 5, rules: {degraded: nope > 1}, extra: 1}\n", i)
	}
	_, text := tryCompile(newTarget(), b.String(), nil)
	if n := strings.Count(text, ": error: "); n != 150 {
		t.Errorf("%d of 150 mistakes were found", n)
	}
}

// Nothing hides another mistake: what the type says of its keys is told beside what is
// wrong with their form.
func TestCompileFindsAllOfOneType(t *testing.T) {
	_, text := tryCompile(newTarget(), "checks: {a: {fake: {url: bad, size: x, sizee: 5}}}", nil)
	for _, want := range []string{"1:26: error: bad url", "1:37: error: size wants a whole number", `1:40: error: unknown key "sizee"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// A rule that ${NAME:-} left empty is not as if there were none.
func TestRuleLeftEmpty(t *testing.T) {
	for _, rules := range []string{`{unhealthy: "${RULE:-}"}`, `{healthy: "${RULE:-}", degraded: value > 5}`} {
		plan, text := tryCompile(newTarget(), "checks: {a: {fake: x, rules: "+rules+"}}", nil)
		if plan == nil || plan.Checks[0].NotConfigured != "not configured: RULE" {
			t.Errorf("%s: %+v\n%s", rules, plan, text)
		}
	}
	plan, text := tryCompile(newTarget(), `checks: {a: {fake: "${X:-}", rules: {unhealthy: "${X:-}", degraded: "${Y:-}"}}}`, nil)
	if plan == nil || plan.Checks[0].NotConfigured != "not configured: X, Y" {
		t.Errorf("%+v\n%s", plan, text)
	}
}

// A template that does nothing is likely a name that was mistyped.
func TestExpandWarns(t *testing.T) {
	plan, text := tryCompile(newTarget(), "templates: {t: {timeout: 5s}, u: {timeout: 6s}}\nchecks: {a: {fake: x, uses: u}}", nil)
	if plan == nil || text != "checks.yaml:1:13: warning: no check uses the template \"t\"\n"+
		"templates: {t: {timeout: 5s}, u: {timeout: 6s}}\n            ^\n" {
		t.Errorf("it says\n%s", text)
	}
}

// What is given twice is read twice: a mistake in the second is told as well.
func TestCompileFindsAllOfWhatIsGivenTwice(t *testing.T) {
	_, text := tryCompile(newTarget(), `
routes:
  ops: {pager: {token: abcd}}
  ops: {pager: {token: abcd}, cooldown: 5}
checks:
  a:
    fake: x
    fake: {url: x, siez: 5}
    timeout: 1s
    timeout: 7
  a: {fake: x, rules: {degraded: valu > 5}, intervall: 3s}
checks: {b: {fake: bad}}
defaults: {interval: 5}
`, nil)
	for _, want := range []string{
		`4:3: error: the key "ops" is given twice`, `4:41: error: cooldown wants a duration`,
		`8:5: error: the key "fake" is given twice`, `8:20: error: unknown key "siez"`,
		`10:5: error: the key "timeout" is given twice`, `10:14: error: timeout wants a duration`,
		`11:3: error: the key "a" is given twice`, `11:34: error: `, `11:45: error: unknown key "intervall"`,
		`12:1: error: the key "checks" is given twice`, `13:22: error: interval wants a duration`,
	} {
		if !strings.Contains(text, "checks.yaml:"+want) {
			t.Errorf("not found: %s", want)
		}
	}
	if n := strings.Count(text, ": error: "); n != 11 {
		t.Errorf("%d mistakes, want 11:\n%s", n, text)
	}
}

func TestCompileDefaults(t *testing.T) {
	p := compiled(t, newTarget(), `
defaults: {interval: 20s, thresholds: {unhealthy: 5}, routes: [ops], tags: [x]}
routes: {ops: {pager: {token: "abcdef"}, repeat_interval: never}}
checks:
  plain: {fake: x}
  own: {fake: x, interval: 2s, thresholds: {healthy: 2}, routes: [], critical: false}
  off: {fake: x, enabled: false}
  cron: {fake: x, schedule: "*/5 * * * *", timezone: Europe/Madrid, timeout: 3s}
`)
	if len(p.Checks) != 3 {
		t.Fatalf("%d checks", len(p.Checks))
	}
	plain, own, cron := p.Checks[0], p.Checks[1], p.Checks[2]
	if plain.Interval != 20*time.Second || plain.Timeout != 10*time.Second || plain.Thresholds != (Thresholds{1, 5, 1}) ||
		len(plain.Routes) != 1 || !plain.Critical || plain.Tags[0] != "x" {
		t.Errorf("plain: %+v", plain)
	}
	if own.Interval != 2*time.Second || own.Timeout != 2*time.Second || own.Thresholds != (Thresholds{1, 5, 2}) ||
		len(own.Routes) != 0 || own.Critical {
		t.Errorf("own: %+v", own)
	}
	at := time.Date(2026, 7, 1, 10, 3, 0, 0, time.UTC)
	if next := cron.Cron.Next(at); !next.Equal(at.Add(2*time.Minute)) || cron.Timeout != 3*time.Second {
		t.Errorf("cron: next %s", next)
	}
	r := p.Routes[0]
	if r.Cooldown != 15*time.Minute || r.Repeat != 0 || !r.SendResolved || !r.Alerts(Unhealthy) || r.Alerts(Degraded) {
		t.Errorf("route: %+v", r)
	}
	if p.Server.Listen != "0.0.0.0:5051" || p.Server.MetricsPrefix != "polyhealth" || time.Duration(p.Storage.Retention) != 90*24*time.Hour {
		t.Errorf("settings: %+v %+v", p.Server, p.Storage)
	}
}

// Metadata stays JSON whatever is secret.
func TestRedactedMetadataIsJSON(t *testing.T) {
	env := map[string]string{"PORT": "5432"}
	plan, text := tryCompile(newTarget(), `checks: {a: {fake: {url: "x:${PORT}"}, metadata: {n: 5432, s: '"5432!"', l: '[5432, "x"]', m: '{"a": "5432"}'}}}`, env)
	if plan == nil {
		t.Fatal(text)
	}
	want := `{"n":5432,"s":"[redacted]!","l":"[[redacted],\"x\"]","m":{"a":"[redacted]"}}`
	New(quiet()).Once(t.Context(), plan.Checks, func(c *Component) {
		if string(c.Metadata) != want {
			t.Errorf("%s, want %s", c.Metadata, want)
		}
	})
}

// Nothing that came from ${…} is shown anywhere.
func TestRedaction(t *testing.T) {
	env := map[string]string{"TOKEN": "hunter2-hunter2"}
	_, text := tryCompile(newTarget(), `checks: {a: {fake: x, rules: {degraded: 'value == "${TOKEN}" or nope'}}}`, env)
	if strings.Contains(text, "hunter2") {
		t.Errorf("a secret in a diagnostic:\n%s", text)
	}
	plan, text := tryCompile(newTarget(), `checks: {a: {fake: x, rules: {degraded: '"${TOKEN}" != ""'}, message: "t ${TOKEN}", metadata: {m: '"${TOKEN}"'}}}`, env)
	if plan == nil {
		t.Fatal(text)
	}
	New(quiet()).Once(t.Context(), plan.Checks, func(c *Component) {
		if all := c.Message + c.Rule + string(c.Metadata); strings.Contains(all, "hunter2") || strings.Count(all, "[redacted]") != 3 {
			t.Errorf("message %q, rule %q, metadata %s", c.Message, c.Rule, c.Metadata)
		}
	})
}
