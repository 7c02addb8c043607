package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
)

// found probes the first check of a file once.
func found(t *testing.T, plan *Plan) (f *Finding) {
	t.Helper()
	New(quiet()).Find(t.Context(), plan.Checks[:1], func(of *Finding) { f = of })
	return f
}

// readings are names and values in turn.
func readings(of ...string) []rule.Reading {
	all := []rule.Reading{}
	for i := 0; i < len(of); i += 2 {
		all = append(all, rule.Reading{Name: of[i], Text: of[i+1]})
	}
	return all
}

// asJSON is a value as --format json prints it.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(json.RawMessage(b)); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

// Every rule is told of, with how it came out and why.
func TestTrials(t *testing.T) {
	down := errors.New("connection refused")
	for _, c := range []struct {
		name, rules string
		err         error
		want        []Trial
	}{
		{"none", `{}`, nil, nil},
		{"tried in order, until one is true", `{healthy: value > 0, degraded: [value == 1 and latency > "1h", value == 3], unhealthy: value > 5 or value < 0}`, nil, []Trial{
			{Status: Unhealthy, Rule: `value > 5 or value < 0`, Outcome: "false", Readings: readings("value", "3")},
			{Status: Degraded, Rule: `value == 1 and latency > "1h"`, Outcome: "false", Readings: readings("value", "3")},
			{Status: Degraded, Rule: `value == 3`, Outcome: "true", Readings: readings("value", "3")},
			{Status: Healthy, Rule: `value > 0`, Outcome: "skipped", Why: "it was decided before"},
		}},
		{"one fails", `{unhealthy: 'len(data.x) > value', degraded: 'true'}`, nil, []Trial{
			{Status: Unhealthy, Rule: `len(data.x) > value`, Outcome: "failed", Why: "data.x: there is no such field (data is empty)", Readings: readings("value", "3")},
			{Status: Degraded, Rule: `true`, Outcome: "skipped", Why: "it was decided before"},
		}},
		{"the probe fails", `{unhealthy: value == 0, degraded: 'error contains "refused"'}`, down, []Trial{
			{Status: Unhealthy, Rule: `value == 0`, Outcome: "skipped", Why: "the probe failed, and the rule does not read error"},
			{Status: Degraded, Rule: `error contains "refused"`, Outcome: "true", Readings: readings("error", `"connection refused"`)},
		}},
		{"our own fault", `{unhealthy: 'error != ""'}`, checktypes.OwnFaultf("no bus"), nil},
	} {
		tg := newTarget()
		tg.behave["a"] = func(context.Context, int) (int, error) { return 3, c.err }
		got := found(t, compiled(t, tg, `checks: {a: {fake: x, rules: `+c.rules+`}}`)).Trials()
		for i := range c.want {
			if c.want[i].Readings == nil {
				c.want[i].Readings = readings()
			}
		}
		if c.want == nil {
			c.want = []Trial{}
		}
		if got, want := asJSON(t, got), asJSON(t, c.want); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, want)
		}
	}
}

// What came from ${…} is in no value, whole or cut; nor are control characters.
func TestExplanationsAreSafe(t *testing.T) {
	const secret = "hunter2-hunter2-hunter2"
	tg := newTarget()
	long := strings.Repeat("x", 110)
	hostile := "\x1b[2J\u202e"
	tg.behave["a"] = func(context.Context, int) (int, error) {
		return 0, errors.New(long + secret + hostile)
	}
	file := `checks: {a: {fake: x, rules: {degraded: 'error[0:1] == "x" and error endsWith "` + "\\u202e" + `" and [error] != ["${TOKEN}"] and len("${TOKEN}" + error) > 1'}}}`
	plan, text := tryCompile(tg, file, map[string]string{"TOKEN": secret})
	if plan == nil {
		t.Fatal(text)
	}
	f := found(t, plan)
	if f.Status != Degraded {
		t.Fatalf("%s: %s", f.Why(), f.Message)
	}
	q, mistakes := plan.Checks[0].Ask(`[error, len("` + secret + `")]`)
	if q == nil {
		t.Fatal(mistakes)
	}
	answer, err := f.Answer(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, told := range []string{f.Why(), asJSON(t, f.Trials()), string(answer.Value), asJSON(t, answer.Readings)} {
		if strings.Contains(told, "hunter") || !strings.Contains(told, "[redacted]") {
			t.Errorf("a secret in %s", told)
		}
	}
	if why := f.Why(); strings.ContainsAny(why, "\x1b\u202e") {
		t.Errorf("%q would move a cursor", why)
	}
	if n := len(f.Why()); n > maxRule {
		t.Errorf("%d bytes", n)
	}
}

// A question is answered from what was found, and has it found what only it reads.
func TestAsk(t *testing.T) {
	tg := newTarget()
	tg.behave["a"] = func(context.Context, int) (int, error) { return 7, nil }
	tg.behave["down"] = func(context.Context, int) (int, error) { return 7, errors.New("connection refused") }
	plan := compiled(t, tg, `checks: {a: {fake: x}, down: {fake: x}}`)
	ask := func(check int, src string) (string, string) {
		q, mistakes := plan.Checks[check].Ask(src)
		if q == nil {
			return mistakes[0].Message, mistakes[0].Hint
		}
		if check == 0 && strings.Contains(src, "value") && !q.Check.uses("value") || plan.Checks[check].uses("value") {
			t.Errorf("%s: the check uses value: %v, and before: %v", src, q.Check.uses("value"), plan.Checks[check].uses("value"))
		}
		var f *Finding
		New(quiet()).Find(t.Context(), []*Check{q.Check}, func(of *Finding) { f = of })
		a, err := f.Answer(q)
		if err != nil {
			return "failed", err.Error()
		}
		var values []string
		for _, v := range a.Readings {
			values = append(values, v.Name+"="+v.Text)
		}
		return string(a.Value), strings.Join(values, " ")
	}
	for _, c := range []struct {
		check        int
		src, is, why string
	}{
		{0, `value * 2`, `14`, `value=7`},
		{0, `value`, `7`, ``},
		{0, `value > 5 or error == ""`, `true`, `value=7`},
		{0, `prev.latency + "1.5s"`, `"1.5s"`, `prev.latency=0s`},
		{0, `[error, 1, nil]`, `["",1,null]`, `error=""`},
		{0, `delta(value)`, `null`, `value=7`},
		{0, `data.x + value`, `failed`, `data.x: there is no such field (data is empty)`},
		{0, `valu > 5`, `there is no variable "valu"`, `did you mean "value"?`},
		{1, `value`, `failed`, `the probe failed: connection refused`},
		{1, `error`, `"connection refused"`, ``},
	} {
		if is, why := ask(c.check, c.src); is != c.is || why != c.why {
			t.Errorf("%s is %s (%s), want %s (%s)", c.src, is, why, c.is, c.why)
		}
	}
}
