package rule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is certain before a rule runs is so when it runs, whatever the variables are.
func TestCertaintiesHold(t *testing.T) {
	s := testScope()
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			one, other := mustRule(t, s, randomRule(t, 2)), mustRule(t, s, randomRule(t, 2))
			if one.Always() || one.Never() || one.Within(other) {
				expectCertain(t, one, other)
			}
		}
	})
}

func expectCertain(t *rapid.T, one, other *Program) {
	for range 20 {
		var m VM
		env := randomVars(t)
		is, err := one.True(&m, env)
		if is && one.Never() || !is && one.Always() && err == nil { // an error is no no
			t.Fatalf("%s is %v of %+v: always %v, never %v", one.Source(), is, env, one.Always(), one.Never())
		}
		if also, err := other.True(&m, env); is && one.Within(other) && err == nil && !also {
			t.Fatalf("%s is true of %+v, and %s, which it is within, is not", one.Source(), env, other.Source())
		}
	}
}

// randomRule is a rule over few variables and few values, so that contradictions
// are frequent.
func randomRule(t *rapid.T, depth int) string {
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return randomComparison(t)
	}
	var parts []string
	for range rapid.IntRange(2, 3).Draw(t, "parts") {
		parts = append(parts, "("+randomRule(t, depth-1)+")")
	}
	rule := strings.Join(parts, rapid.SampledFrom([]string{" and ", " or ", " && ", " || "}).Draw(t, "join"))
	if rapid.Bool().Draw(t, "not") {
		return "not (" + rule + ")"
	}
	return rule
}

func randomComparison(t *rapid.T) string {
	operator := rapid.SampledFrom([]string{"==", "!=", "<", "<=", ">", ">="}).Draw(t, "operator")
	sides := []string{"status", "1"}
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0, 1, 2:
		sides = []string{"status", fmt.Sprint(rapid.IntRange(-1, 3).Draw(t, "status"))}
	case 3:
		sides = []string{"rate", rapid.SampledFrom([]string{"-1", "0", "1", "1.0", "1.5", "2"}).Draw(t, "rate")}
	case 4:
		sides = []string{"latency", rapid.SampledFrom([]string{`"-1s"`, `"0s"`, `"1s"`, `"1000ms"`, `"2s"`}).Draw(t, "latency")}
	case 5:
		sides = []string{"json", rapid.SampledFrom([]string{"1", "2", `"a"`, "true"}).Draw(t, "json")}
	case 6:
		operator = rapid.SampledFrom([]string{"==", "!="}).Draw(t, "equal")
		sides = []string{"prev.status", rapid.SampledFrom([]string{`"healthy"`, `"degraded"`, `"unhealthy"`, `"unknown"`, `"helthy"`}).Draw(t, "word")}
	case 7:
		return rapid.SampledFrom([]string{"connected", "not connected", "true", "false", "connected == true", "1 < 2", "status == status"}).Draw(t, "plain")
	case 8:
		sides = []string{"json", rapid.SampledFrom([]string{"1", "2"}).Draw(t, "number")}
	}
	if json := sides[0] == "json"; json && sides[1] == "true" {
		operator = "=="
	}
	if rapid.Bool().Draw(t, "turned") {
		sides[0], sides[1] = sides[1], sides[0]
	}
	return sides[0] + " " + operator + " " + sides[1]
}

func randomVars(t *rapid.T) testVars {
	return testVars{
		Common: Common{
			Latency: time.Duration(rapid.IntRange(0, 4).Draw(t, "latency")) * 500 * time.Millisecond,
			Prev:    prevVars{Status: rapid.SampledFrom([]string{"healthy", "degraded", "unhealthy", "unknown"}).Draw(t, "prev")},
		},
		Status:    rapid.IntRange(0, 4).Draw(t, "status"),
		Rate:      float64(rapid.IntRange(0, 5).Draw(t, "rate")) / 2,
		JSON:      rapid.SampledFrom([]any{nil, 1.0, 2.0, 1.5, "a", "b", true, false}).Draw(t, "json"),
		Connected: rapid.Bool().Draw(t, "connected"),
	}
}
