package rule

import (
	"strings"
	"testing"
)

// What a variable never is, and what is said of it. Those without warnings may look
// odd, and are either meant by somebody or not certain.
func TestWarnings(t *testing.T) {
	s := testScope()
	for _, c := range []struct {
		src  string
		want []wanted
	}{
		{`prev.status == "helthy"`, []wanted{{`"helthy"`, `prev.status is never "helthy"`, `did you mean "healthy"?`}}},
		{`prev.status != "down"`, []wanted{{`"down"`, `prev.status is never "down"`, `it is one of healthy, degraded, unhealthy, unknown`}}},
		{`"ok" == prev.status`, []wanted{{`"ok"`, `prev.status is never "ok"`, `it is one of healthy, degraded, unhealthy, unknown`}}},
		{`prev.status in ["healthy", "ok"]`, []wanted{{`"ok"`, `prev.status is never "ok"`, `it is one of …`}}},
		{`prev.status not in ["unhelthy"] and connected`, []wanted{{`"unhelthy"`, `prev.status is never "unhelthy"`, `did you mean "unhealthy"?`}}},
		{`any(units, .active == "faild")`, []wanted{{`"faild"`, `.active is never "faild"`, `did you mean "failed"?`}}},
		{`first(units).active == "faild"`, []wanted{{`"faild"`, `first(units).active is never "faild"`, `did you mean "failed"?`}}},
		{`count_status("any", "1h") < 0`, []wanted{{`count_status("any", "1h") < 0`, `count_status("any", "1h") is never less than 0`, `it is never less than 0`}}},
		{`status == 2000`, []wanted{{`2000`, `status is never 2000`, `it is from 0 to 999`}}},
		{`status in [200, 2001]`, []wanted{{`2001`, `status is never 2001`, `it is from 0 to 999`}}},
		{`status > 999`, []wanted{{`status > 999`, `status is never more than 999`, `it is from 0 to 999`}}},
		{`1000 <= status`, []wanted{{`1000 <= status`, `status is never 1000 or more`, `it is from 0 to 999`}}},
		{`status < 0 or connected`, []wanted{{`status < 0`, `status is never less than 0`, `it is from 0 to 999`}}},
		{`status <= -1`, []wanted{{`status <= -1`, `status is never -1 or less`, `it is from 0 to 999`}}},
		{`latency < "-1s"`, []wanted{{`latency < "-1s"`, `latency is never less than "-1s"`, `it is never less than 0s`}}},
		{`rate == -0.5`, []wanted{{`-0.5`, `rate is never -0.5`, `it is never less than 0`}}},
		{`len(running) < 0`, []wanted{{`len(running) < 0`, `len(running) is never less than 0`, `it is never less than 0`}}},
		{`count(running, # == "a") == -1`, []wanted{{`-1`, `count(running, # == "a") is never -1`, `it is never less than 0`}}},
		{`1 < consecutive_failures < 0`, []wanted{{`consecutive_failures < 0`, `consecutive_failures is never less than 0`, `…`}}},
		{`prev.status == "x" and status == -1`, []wanted{
			{`"x"`, `prev.status is never "x"`, `it is one of …`}, {`-1`, `status is never -1`, `it is from 0 to 999`}}},

		{`prev.status == "healthy" and status == 999 and status >= 0 and status <= 999`, nil},
		{`status > 998 and latency >= "0s" and latency <= "0s"`, nil},
		{`body == "helthy" or State == 1`, nil}, // not compiled
		{`state == "anything" or headers["x"] == ""`, nil},
		{`sum(map(units, .last.latency)) < "-1s"`, nil}, // a sum is no latency: nobody says that it is not negative
		{`max(status, 5000) > 2000 and sum(running, status) > 5000`, nil},
		{`-status < 0 and status - 1000 < 0 and abs(status) < 2000`, nil},
		{`(prev.status + "x") == "helthyx"`, nil},
	} {
		t.Run(c.src, func(t *testing.T) {
			p, _ := s.Rule(c.src)
			if p == nil && c.want == nil {
				return
			}
			expectAt(t, c.src, p.Warnings(), c.want)
		})
	}
}

func TestWarningsOfTemplate(t *testing.T) {
	src := `was {{ prev.status }}, {{ prev.status == "helthy" ? "é" : "" }}{{ status == -1 }}`
	tpl, mistakes := testScope().Template(src)
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	expectAt(t, src, tpl.Warnings(), []wanted{
		{`"helthy"`, `prev.status is never "helthy"`, `did you mean "healthy"?`},
		{`-1`, `status is never -1`, `it is from 0 to 999`},
	})
}

// What is certain of a rule before it runs: it is always true, never, or neither.
func TestAlwaysAndNever(t *testing.T) {
	s := shapedScope()
	for want, rules := range map[string][]string{
		"always": {
			`true`, `not false`, `1 < 2`, `"a" == "a"`, `connected or true`, `connected or not connected`,
			`status != 200 or status != 201`, `status < 200 or status >= 200`, `status >= 0`, `status <= 999`,
			`latency >= "0s"`, `status <= 200 or status >= 201`, `len(running) >= 0`, `not (status > 500 and status < 400)`,
			`prev.status != "healthy" or prev.status != "degraded"`, `row.id != 1 or row.id != 2`,
			`latency == latency`, `1 < 2 and "1s" == "1s"`, `json.a != "x" or json.a != "y"`,
			`prev.status == "healthy" or prev.status in ["x"] or prev.status != "healthy"`,
		},
		"never": {
			`false`, `1 > 2`, `not true`, `1 == 2 or 3 > 4`, `status > 500 and status < 400`,
			`status == 200 and status == 201`, `status == 200 and status != 200`, `connected and not connected`,
			`status > 200 and status < 201`, `latency > "2s" and connected and latency < "1s"`,
			`status > 999`, `prev.status == "helthy"`, `prev.status == "healthy" and prev.status == "degraded"`,
			`prev.status not in ["x"] and status != status`, `(status < 200 or status > 500) and status == 300`,
			`status == 300 and (status < 200 or latency > "1s" and status > 400)`,
			`200 < status < 100`, `body == "a" and body == "b"`, `rate > 1 and rate < 1`, `rate > 1.5 and 1.5 > rate`,
			`rate == 1 and rate != 1.0`, `json.ok == true and json.ok == false`, `body contains "a" and not (body contains "a")`,
			`prev.status != "healthy" and prev.status != "degraded" and prev.status != "unhealthy" and prev.status != "unknown"`,
			`not (connected or not connected)`, `now > date("2026-01-02") and now < date("2026-01-01")`,
			`not (status < 500 or status > 400)`,
		},
		"": {
			`status > 400`, `status >= 400 or status < 100`, `status != 200 and status != 201`, `status == 200 or status == 201`,
			`connected`, `rate > 1 and rate < 1.1`, `rate >= 1 and rate <= 1`, `status > 200 and status < 202`,
			`body < "b" and body > "a"`, `json.a != 5 or json.a != "x"`, `json.a != "x" or json.a != 5`, `json.a > 5 or json.a == "x"`,
			`status < 200 or status > 200`, `rate < 1 or rate > 1`, `rate <= 1 and rate >= 1`, `json.a == 5 and json.b == 6`,
			`json.ok == true and json.ok != false`, `json.a != true or json.a != 5`,
			`any(units, .restarts > 5) and any(units, .restarts < 3)`,
			`units[0].restarts > 5 and units[1].restarts < 3`, `headers["a"] == "x" and headers["b"] == "y"`,
			`body == "a  b" or body != "a b"`, `prev.status != "healthy" and prev.status != "degraded"`,
			`(status < 200 or status > 500) and (status > 100 or connected)`, `latency > prev.latency and latency < "1s"`,
			`let x = status; x > 5 and x < 3`, `connected ? true : false`, `len(running) > 0`, `status - 1 < status`,
			`int(body) > 5 and float(body) < 3`, `(json.a ?? 1) == 1 and (json.a ?? 2) == 2`,
			`close_code == nil or close_code != 5`,
		},
	} {
		for _, src := range rules {
			p := mustRule(t, s, src)
			got := strings.TrimSpace(map[bool]string{true: "always"}[p.Always()] + " " + map[bool]string{true: "never"}[p.Never()])
			if got != want {
				t.Errorf("%s: %q, want %q", src, got, want)
			}
		}
	}
}

// A rule that is true only where another one is never decides below it.
func TestWithin(t *testing.T) {
	s := testScope()
	for _, c := range []struct {
		rule, other string
		want        bool
	}{
		{`latency > "1s"`, `latency > "1s"`, true},
		{`latency>"1s"`, `"1000ms" < latency`, true},
		{`latency > "2s"`, `latency > "1s"`, true},
		{`latency > "1s"`, `latency > "2s"`, false},
		{`latency >= "1s"`, `latency > "1s"`, false},
		{`status == 503`, `status >= 500`, true},
		{`status >= 500 and connected`, `status >= 400 or not connected`, true},
		{`status >= 500 or status == 404`, `status >= 400`, true},
		{`status >= 500 or status == 304`, `status >= 400`, false},
		{`status >= 500`, `status >= 400 and connected`, false},
		{`not connected`, `not connected`, true},
		{`connected`, `not connected`, false},
		{`any(units, .active == "failed")`, `any(units, .active == "failed")`, true},
		{`any(units, .restarts > 5)`, `any(units, .restarts > 3)`, false}, // true, and beyond us
		{`body == "a"`, `body != "b"`, true},
	} {
		if got := mustRule(t, s, c.rule).Within(mustRule(t, s, c.other)); got != c.want {
			t.Errorf("%s within %s: %v", c.rule, c.other, got)
		}
	}
}

// A long expression is given up on in good time, and never doubted wrongly.
func TestDoubtIsBounded(t *testing.T) {
	s := testScope()
	or := strings.TrimSuffix(strings.Repeat(`(status > 1 or rate > 2) and `, 60), " and ")
	p := mustRule(t, s, or)
	if p.Always() || p.Never() {
		t.Error("it can be either")
	}
	long := mustRule(t, s, strings.TrimSuffix(strings.Repeat(`status == 1 or `, 600), " or "))
	if !long.Within(long) || long.Never() {
		t.Error("it is within itself")
	}
}
