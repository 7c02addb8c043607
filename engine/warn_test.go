package engine

import (
	"fmt"
	"strings"
	"testing"
)

// What is legal and surely unmeant, and what is said of it: each warning's place,
// message and hint. Where nothing is wanted, nothing is said.
func TestWarnings(t *testing.T) {
	rules := func(text string) string { return "checks: {a: {fake: x, rules: {" + text + "}}}" }
	const order = "hint: rules are tried in the order unknown, unhealthy, degraded, healthy, and the first that is true decides"
	for _, c := range []struct{ name, src, want string }{
		{"always true", rules(`degraded: true`), "1:41: this rule is always true: every result is degraded\n" + `hint: say when it is true, such as latency > "800ms"`},
		{"one of a list", rules(`unknown: ["latency > '1s'", 'latency >= "0s"']`), "1:59: this rule is always true: every result is unknown\n" + `hint: say when it is true, such as latency > "800ms"`},
		{"or for and", rules(`unhealthy: value != 1 or value != 2`), "1:42: this rule is always true: every result is unhealthy\nhint: did you mean \"and\"?"},
		{"healthy always", rules(`unhealthy: value > 5, healthy: true`), ""},
		{"never", rules(`unhealthy: 1 > 2`), "1:42: this rule is never true\nhint: take it out; healthy: true calls every result healthy"},
		{"and for or", rules(`unhealthy: value > 5 and value < 3`), "1:42: this rule is never true\nhint: did you mean \"or\"?"},
		{"healthy never", rules(`healthy: false`), "1:40: this rule is never true\nhint: take it out; healthy: true calls every result healthy"},
		{"a word", rules(`degraded: prev.status == "helthy"`), "1:56: prev.status is never \"helthy\"\nhint: did you mean \"healthy\"?"},
		{"in a message", `checks: {a: {fake: x, message: "{{ prev.status == 'x' ? 1 : 2 }}"}}`, "1:51: prev.status is never 'x'\nhint: it is one of healthy, degraded, unhealthy, unknown"},
		{"in metadata", `checks: {a: {fake: x, metadata: {m: latency < "-1s"}}}`, "1:37: latency is never less than \"-1s\"\nhint: it is never less than 0s"},

		{"the same twice", rules(`unhealthy: value > 5, degraded: value > 5`), "1:63: this rule never decides: the unhealthy rule value > 5 comes first, and is true wherever this one is\n" + order},
		{"levels swapped", rules(`unhealthy: latency > "1s", degraded: latency > "2s"`), "1:68: this rule never decides: the unhealthy rule latency > \"1s\" comes first, and is true wherever this one is\n" + order},
		{"levels in order", rules(`unhealthy: latency > "2s", degraded: latency > "1s"`), ""},
		{"below error", rules(`unhealthy: value > 5, degraded: value > 5 and error == ""`), ""},
		{"error below error", rules(`unhealthy: error != "", degraded: error != "" and value > 5`), "1:65: this rule never decides: the unhealthy rule error != \"\" comes first, and is true wherever this one is\n" + order},
		{"below always", rules(`unhealthy: true, degraded: value > 5`), "1:42: this rule is always true: every result is unhealthy\n" + `hint: say when it is true, such as latency > "800ms"`},

		{"timeout over", `checks: {a: {fake: x, interval: 5s, timeout: 10s}}`, "1:46: the timeout of 10s is not shorter than the interval of 5s: a probe that hangs delays the next\nhint: let it be shorter than the interval"},
		{"timeout at", `checks: {a: {fake: x, interval: 5s, timeout: 5s}}`, "1:46: the timeout of 5s is not shorter than the interval of 5s: a probe that hangs delays the next\nhint: let it be shorter than the interval"},
		{"timeout below", `checks: {a: {fake: x, interval: 5s, timeout: 4s}}`, ""},
		{"timeout of defaults", "defaults: {timeout: 10s}\nchecks: {a: {fake: x, interval: 5s}, b: {fake: x}}", "2:33: the timeout of 10s is not shorter than the interval of 5s: a probe that hangs delays the next\nhint: let it be shorter than the interval"},
		{"defaults at odds", "defaults: {timeout: 10s, interval: 5s}\nchecks: {a: {fake: x}, b: {fake: x}}", "1:21: the timeout of 10s is not shorter than the interval of 5s: a probe that hangs delays the next\nhint: let it be shorter than the interval"},
		{"timeout unsaid", `checks: {a: {fake: x, interval: 1s}}`, ""},
		{"timeout of a schedule", `checks: {a: {fake: x, schedule: "@hourly", timeout: 90m}}`, ""},

		{"a window of one result", `checks: {a: {fake: x, interval: 1m, rules: {degraded: 'count_status("unhealthy", "59s") > 0 or max(latency, "1h") > "1s"'}}}`, "1:55: in 59s there is no earlier result to look back at: the check runs every 1m\nhint: look back over several intervals"},
		{"a window of two", `checks: {a: {fake: x, interval: 1m, rules: {degraded: 'max(latency, "60s") > "1s"'}}}`, ""},
		{"a window of retries", `checks: {a: {fake: x, interval: 1m, retry_interval: 5s, rules: {degraded: 'max(latency, "10s") > "1s"'}}}`, ""},

		{"threshold never reached", `checks: {a: {fake: x, thresholds: {degraded: 5}, rules: {unhealthy: value > 1}}}`, "1:46: this is never reached: no rule says degraded, and after 3 unhealthy results the check is unhealthy\nhint: leave it out, or add a degraded rule"},
		{"degraded results count by themselves", `checks: {a: {fake: x, thresholds: {degraded: 5}, rules: {unhealthy: value > 2, degraded: value > 1}}}`, ""},
		{"the type may say degraded", `checks: {a: {fake: x, thresholds: {degraded: 5}}}`, ""},
		{"no degraded on the way", `checks: {a: {fake: x, thresholds: {degraded: 3}, rules: {unhealthy: value > 1}}}`, ""},

		{"unused route", "routes: {ops: {pager: {token: '${T:-}'}}, dev: {pager: {token: '${T:-}'}}}\nchecks: {a: {fake: x, routes: [ops]}}", "1:43: no check uses the route \"dev\"\nhint: name it in the routes of a check or of defaults, or take it out"},
		{"no route is used", "routes: {ops: {pager: {token: '${T:-}'}}, dev: {pager: {token: '${T:-}'}}}\nchecks: {a: {fake: x}}", "1:1: no check names a route: nobody is told of anything\nhint: name them for all checks: defaults: {routes: [ops]}"},
		{"routes of defaults", "routes: {ops: {pager: {token: '${T:-}'}}}\ndefaults: {routes: [ops]}\nchecks: {a: {fake: x, routes: []}}", ""},
		{"route of a check that is off", "routes: {ops: {pager: {token: '${T:-}'}}}\nchecks: {a: {fake: x, enabled: false, routes: [ops]}, b: {fake: x}}", ""},

		{"a token", "defaults: {routes: [ops]}\nroutes: {ops: {pager: {token: hunter2}}}\nchecks: {a: {fake: x}}", "2:31: token is written in clear in this file\nhint: write ${NAME} in its place and set NAME in the environment, or write ${file:/path}"},
		{"a password in a URL", "checks: {a: {fake: 'http://me:hunter2@x/'}}", "1:20: a password is written in clear in this file\nhint: write ${NAME} in its place and set NAME in the environment, or write ${file:/path}"},
		{"a user in a URL", "checks: {a: {fake: 'http://me@x/'}}", ""},
		{"a password from elsewhere", "checks: {a: {fake: 'http://me:${T:-hunter2}@x/'}}", ""},

		{"mistakes come first", rules(`unhealthy: true, degraded: vlue > 5`), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, text := tryCompile(newTarget(), c.src, nil)
			if got := warningsOf(text); got != c.want {
				t.Errorf("%s\ngot\n%s\nwant\n%s\nall\n%s", c.src, got, c.want, text)
			}
		})
	}
}

// What is wrong with the defaults is said once, not for each check.
func TestWarningsOfManyChecks(t *testing.T) {
	var b strings.Builder
	b.WriteString("defaults: {interval: 5s, timeout: 5s}\nchecks:\n")
	for i := range 10_100 {
		fmt.Fprintf(&b, "  c%d: {fake: x}\n", i)
	}
	_, text := tryCompile(newTarget(), b.String(), nil)
	if strings.Count(text, "warning: ") != 1 || !strings.Contains(text, "checks.yaml:1:35: warning: the timeout of 5s") {
		t.Errorf("%.500s", text)
	}
}

// warningsOf are the warnings of a text that WriteText wrote, with their hints.
func warningsOf(text string) string {
	var all []string
	told := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if place, message, ok := strings.Cut(line, ": warning: "); ok {
			all = append(all, strings.TrimPrefix(place, "checks.yaml:")+": "+message)
			told = true
		} else if told && strings.HasPrefix(line, "hint: ") {
			all = append(all, line)
		} else if strings.HasPrefix(line, "checks.yaml:") {
			told = false
		}
	}
	return strings.Join(all, "\n")
}
