package rule

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

// A history drives one expression over results, as an engine does: lend, judge, note,
// add.
type history struct {
	program *Program
	needs   *Needs
	memory  *Memory
	vm      VM
	now     time.Time
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newHistory(t testing.TB, src string) *history {
	t.Helper()
	s := testScope()
	p := mustValue(t, s, src)
	n := s.Needs([]*Program{p})
	return &history{program: p, needs: n, memory: NewMemory(n), now: noon}
}

// result is what the expression finds in the next result, and what it is kept with.
func (h *history) result(after time.Duration, env testVars, status string, worked bool) (any, error) {
	h.now = h.now.Add(after)
	env.Now = h.now
	o := Outcome{At: h.now, Latency: env.Latency, Status: status, Worked: worked}
	h.vm.Lend(h.memory, o)
	v, err := h.program.Eval(&h.vm, env)
	var notes Notes
	if worked {
		notes = h.needs.Note(&h.vm, env)
	}
	h.memory.Add(o, notes)
	h.vm.Lend(nil, Outcome{})
	return v, err
}

// valueVars are variables in which json.n is a value.
func valueVars(n any) testVars {
	env := sampleVars()
	env.JSON = map[string]any{"n": n}
	return env
}

// missing stands for a result in which json has no n.
var missing = struct{}{}

// A row is one result of a check every 10 s: json.n, and what the expression finds, or
// the end of its error.
type row struct{ n, want any }

func TestLookingBackAtValues(t *testing.T) {
	gone := fmt.Errorf("json.n: there is no such field (json is empty)")
	for _, c := range []struct {
		src  string
		rows []row
	}{
		// The first result has none before it: null, which ?? gives a value for.
		{`delta(json.n)`, []row{{5.0, nil}, {7.0, 2.0}, {7.0, 0.0}, {4.0, -3.0}}},
		{`delta(json.n) ?? -1`, []row{{5, -1}, {7, 2}}},
		{`rate(json.n)`, []row{{100, nil}, {150, 5.0}, {150, 0.0}}},
		// A counter that went back began at 0 again.
		{`rate(json.n)`, []row{{100, nil}, {150, 5.0}, {20, 2.0}, {30, 1.0}}},
		// A result without the value is left out: the next one is compared with what was
		// before, over all the time between.
		{`delta(json.n)`, []row{{5, nil}, {missing, gone}, {8, 3}}},
		{`rate(json.n)`, []row{{100, nil}, {missing, gone}, {140, 2.0}}},
		{`changed(json.n)`, []row{{"a", nil}, {missing, gone}, {"a", false}, {"b", true}, {"b", false}, {"a", true}}},
		{`changed(json.n) ?? false`, []row{{"a", false}, {"b", true}}},
		{`changed(json)`, []row{{1.0, nil}, {1, false}, {"1", true}, {nil, true}, {[]any{1}, true}, {[]any{1.0}, false}, {[]any{[]any{1}}, true}}},
		{`changed(json.n) and delta(json.n) > 1`, []row{{1, noneBefore}, {2, false}, {4, true}}},
		// What the machine does not come to is kept all the same.
		{`json.n > 5 and delta(json.n) == 1`, []row{{5, false}, {6, true}, {8, false}, {9, true}}},
		{`delta(duration(json.n))`, []row{{"1s", nil}, {"3s", 2 * time.Second}}},
		{`delta(date(json.n))`, []row{{"2026-01-01", nil}, {"2026-01-03", 48 * time.Hour}}},
		{`delta(json.n)`, []row{{5, nil}, {"x", "json.n is a string, and delta takes a number, a duration or a time"}, {6, 1}}},
		{`delta(json.n)`, []row{{math.NaN(), "json.n is not a number (NaN)"}, {5, nil}, {6, 1}}},
		{`rate(delta(json.n) ?? 0)`, []row{{0, nil}, {10, 1.0}, {40, 2.0}}},
		{`delta(json.n) + delta(json.n * 2)`, []row{{1, noneBefore}, {2, 3}}},
		{`any([1], {delta(json.n) == 1})`, nil}, // a mistake
	} {
		if c.rows == nil {
			continue
		}
		h := newHistory(t, c.src)
		for i, r := range c.rows {
			env := valueVars(r.n)
			if r.n == missing {
				env.JSON = map[string]any{}
			}
			got, err := h.result(10*time.Second, env, "healthy", true)
			want, fails := r.want.(string)
			if e, ok := r.want.(error); ok {
				want, fails = e.Error(), true
			}
			switch {
			case fails && (err == nil || !strings.HasSuffix(err.Error(), want)):
				t.Errorf("%s, result %d: %v, %v; want the error %s", c.src, i+1, got, err, want)
			case !fails && (err != nil || got != r.want):
				t.Errorf("%s, result %d: %v (%T), %v; want %v (%T)", c.src, i+1, got, got, err, r.want, r.want)
			}
		}
	}
}

// A latency window holds the results of the time before this one, and this one, and
// leaves out probes that failed; statuses are those of the results before.
func TestLookingBackOverAWindow(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		src  string
		want []any // of the results below
	}{
		{`avg(latency, "1m")`, []any{100 * ms, 200 * ms, 200 * ms, 450 * ms, 400 * ms}},
		{`max(latency, "1m")`, []any{100 * ms, 300 * ms, 300 * ms, 600 * ms, 400 * ms}},
		{`min(latency, "1m")`, []any{100 * ms, 100 * ms, 100 * ms, 300 * ms, 400 * ms}},
		{`median(latency, "1h")`, []any{100 * ms, 200 * ms, 200 * ms, 300 * ms, 350 * ms}},
		{`p95(latency, "1h")`, []any{100 * ms, 300 * ms, 300 * ms, 600 * ms, 600 * ms}},
		{`count_status("healthy", "1m")`, []any{0, 1, 2, 1, 0}},
		{`count_status("unhealthy", "30s")`, []any{0, 0, 0, 1, 0}},
		{`count_status("degraded", "1h")`, []any{0, 0, 0, 0, 1}},
		{`count_status("any", "1h")`, []any{0, 1, 2, 3, 4}},
		{`percent(count_status("unhealthy", "1h"), max(1, count_status("any", "1h"))) == 25`, []any{false, false, false, false, true}},
	} {
		h := newHistory(t, c.src)
		for i, r := range []struct {
			after   time.Duration
			latency time.Duration
			status  string
		}{
			{0, 100 * ms, "healthy"},
			{20 * time.Second, 300 * ms, "healthy"},
			{20 * time.Second, 9 * time.Second, "unhealthy"}, // the probe fails
			{20 * time.Second, 600 * ms, "degraded"},         // a minute after the first
			{60 * time.Second, 400 * ms, "healthy"},          // a minute after the last
		} {
			env := sampleVars()
			env.Latency = r.latency
			got, err := h.result(r.after, env, r.status, r.status != "unhealthy")
			if want := c.want[i]; err != nil || got != want {
				t.Errorf("%s, result %d: %v, %v; want %v", c.src, i+1, got, err, want)
			}
		}
	}
	// Where no probe has worked there is no latency, and no verdict on it.
	h := newHistory(t, `avg(latency, "1m") < "1s"`)
	if got, err := h.result(0, sampleVars(), "unhealthy", false); err == nil || err.Error() != `avg(latency, "1m") is null`+noneWorked {
		t.Errorf("of no latency it is %v, %v", got, err)
	}
}

// A naive model of a window: all results, looked through each time.
func TestWindowProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		window := time.Duration(rapid.IntRange(1, 120).Draw(rt, "window")) * time.Second
		status := rapid.SampledFrom(statuses).Draw(rt, "status")
		latency := newHistory(t, fmt.Sprintf(`[string(max(latency, "%[1]s")), string(min(latency, "%[1]s"))]`, window))
		counts := newHistory(t, fmt.Sprintf(`count_status(%q, "%s")`, status, window))
		var all []Outcome
		now := noon
		for range rapid.IntRange(1, 60).Draw(rt, "results") {
			o := Outcome{
				Latency: time.Duration(rapid.IntRange(1, 1e6).Draw(rt, "latency")) * time.Microsecond,
				Status:  rapid.SampledFrom(statuses).Draw(rt, "result"), Worked: rapid.Bool().Draw(rt, "worked"),
			}
			after := time.Duration(rapid.IntRange(1, 40_000).Draw(rt, "after")) * time.Millisecond
			now = now.Add(after)
			o.At = now
			all = append(all, o)
			var most, least time.Duration
			n := 0
			for i, before := range all {
				if !before.At.After(now.Add(-window)) {
					continue
				}
				if before.Worked {
					most = max(most, before.Latency)
					if least == 0 {
						least = before.Latency
					}
					least = min(least, before.Latency)
				}
				if before.Status == status && i < len(all)-1 {
					n++
				}
			}
			want := fmt.Sprint([]any{formatDuration(most), formatDuration(least)})
			if most == 0 {
				want = "[null null]"
			}
			env := sampleVars()
			env.Latency = o.Latency
			got, err := latency.result(after, env, o.Status, o.Worked)
			if err != nil || fmt.Sprint(got) != want {
				rt.Fatalf("latencies are %v, %v; want %v", got, err, want)
			}
			if got, err := counts.result(after, env, o.Status, o.Worked); err != nil || got != n {
				rt.Fatalf("%d results were %s, not %v (%v)", n, status, got, err)
			}
		}
	})
}

// values are what JSON holds.
func values() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.IntRange(-2, 2).Draw(t, "int")
		case 3:
			return float64(rapid.IntRange(-4, 4).Draw(t, "float")) / 2
		case 4:
			return rapid.SampledFrom([]string{"", "1", "a", "ab", "[]"}).Draw(t, "text")
		case 5:
			return rapid.SliceOfN(rapid.Deferred(values), 0, 2).Draw(t, "list")
		}
		return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", ""}), rapid.Deferred(values), 0, 2).Draw(t, "map")
	})
}

// A value has changed just where == says that it is another one.
func TestChangedProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := values().Draw(rt, "a"), values().Draw(rt, "b")
		h := newHistory(t, `changed(json.n)`)
		h.result(time.Second, valueVars(a), "healthy", true)
		got, err := h.result(time.Second, valueVars(b), "healthy", true)
		var w walk
		if want := !equal([]any{a}, []any{b}, &w); err != nil || got != want {
			rt.Fatalf("from %v to %v it is %v, %v", a, b, got, err)
		}
	})
}

// Backfill brings what was before the start, late and in any order with what comes
// meanwhile; nothing counts twice.
func TestBackfill(t *testing.T) {
	h := newHistory(t, `[count_status("any", "10m"), count_status("unhealthy", "10m"), string(max(latency, "10m"))]`)
	at := func(ago time.Duration, latency time.Duration, status string) Outcome {
		return Outcome{At: noon.Add(-ago), Latency: latency, Status: status, Worked: status == "healthy"}
	}
	env := sampleVars()
	env.Latency = time.Second
	h.result(1500*time.Microsecond, env, "healthy", true) // the first after the start
	for _, o := range []Outcome{
		at(20*time.Minute, time.Hour, "healthy"), // too long ago
		at(9*time.Minute, 2*time.Second, "healthy"),
		at(8*time.Minute, time.Minute, "unhealthy"),
		at(-time.Millisecond, time.Second, "healthy"), // the first, as a history has it
		at(-time.Second, time.Hour, "healthy"),        // later
	} {
		h.memory.Backfill(o)
	}
	got, err := h.result(time.Second, env, "healthy", true)
	if fmt.Sprint(got) != "[3 1 2s]" || err != nil {
		t.Errorf("it is %v, %v", got, err)
	}
	(*Memory)(nil).Backfill(at(0, 0, "healthy"))
	(*Memory)(nil).Add(at(0, 0, "healthy"), nil)
}

// A clock that is turned back does not make old results new ones.
func TestClockTurnedBack(t *testing.T) {
	h := newHistory(t, `count_status("any", "10m")`)
	env := sampleVars()
	for i, want := range []int{0, 1, 2} {
		if got, _ := h.result(time.Minute, env, "healthy", true); got != want {
			t.Errorf("result %d finds %v", i+1, got)
		}
	}
	for i, want := range []int{0, 1, 2} {
		after := time.Minute
		if i == 0 {
			after = -time.Hour
		}
		if got, _ := h.result(after, env, "healthy", true); got != want {
			t.Errorf("an hour before, result %d finds %v", i+1, got)
		}
	}
	h = newHistory(t, `rate(json.n)`)
	h.result(time.Minute, valueVars(1), "healthy", true)
	if got, err := h.result(-time.Minute, valueVars(2), "healthy", true); err == nil || err.Error() != "rate(json.n): no time has gone by since the earlier result" {
		t.Errorf("against time it is %v, %v", got, err)
	}
}

// A reload keeps what the new rules need too.
func TestAdapt(t *testing.T) {
	s := testScope()
	needs := func(src ...string) (*Needs, []*Program) {
		var all []*Program
		for _, one := range src {
			all = append(all, mustValue(t, s, one))
		}
		return s.Needs(all), all
	}
	before, _ := needs(`delta(json.n)`, `delta(count)`, `count_status("any", "1h")`)
	m := NewMemory(before)
	var vm VM
	for i := range 4 {
		o := Outcome{At: noon.Add(time.Duration(i) * 10 * time.Minute), Status: "healthy", Worked: true}
		vm.Lend(m, o)
		m.Add(o, before.Note(&vm, valueVars(5)))
	}
	after, programs := needs(`delta(json.n)`, `delta(rate)`, `count_status("any", "15m")`, `count_status("any", "5m")`)
	m.Adapt(after)
	vm.Lend(m, Outcome{At: noon.Add(31 * time.Minute), Worked: true})
	for i, want := range []any{2, nil, 2, 1} {
		if got, err := programs[i].Eval(&vm, valueVars(7)); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", programs[i].Source(), got, err, want)
		}
	}
	if len(m.values) != 1 || len(m.results) != 2 {
		t.Errorf("%d values and %d results are kept", len(m.values), len(m.results))
	}
	if n, _ := needs(`status == 200 and prev.latency > "1s"`); n != nil || NewMemory(n) != nil {
		t.Error("a rule that does not look back has needs")
	}
}

// What a check's memory takes does not grow with what its target says, nor with time.
func TestMemoryIsBounded(t *testing.T) {
	h := newHistory(t, `[changed(body), changed(json), delta(json.n), p95(latency, "24h"), count_status("any", "24h")]`)
	env := bigVars()
	env.JSON = map[string]any{"n": 1, "items": strings.Repeat("x", 1<<20)}
	h.result(time.Second, env, "healthy", true)
	small := sampleVars()
	small.JSON = env.JSON
	within(t, generous, func() {
		for range 20 * MaxKept {
			h.memory.Add(Outcome{At: h.now.Add(time.Second), Status: "healthy", Worked: true}, nil)
			h.now = h.now.Add(time.Second)
		}
		h.result(time.Second, small, "healthy", true)
	})
	if n := cap(h.memory.results); len(h.memory.results) != maxKept || n > 3*maxKept {
		t.Errorf("%d results in the place of %d", len(h.memory.results), n)
	}
	if unsafe.Sizeof(kept{}) != KeptSize {
		t.Errorf("a result takes %d bytes", unsafe.Sizeof(kept{}))
	}
	for _, v := range h.memory.values {
		if k := kindOf(v.value); k != null && !comparedWithPast.has(k) {
			t.Errorf("%v is kept of %s", k.word(), v.key)
		}
	}
}

// Results that are not there for want of room are not taken for none.
func TestMoreResultsThanAreKept(t *testing.T) {
	for _, src := range []string{`count_status("any", "90m")`, `count_status("unhealthy", "90m")`, `max(latency, "90m")`} {
		h := newHistory(t, src)
		for range maxKept { // one a second
			h.now = h.now.Add(time.Second)
			h.memory.Add(Outcome{At: h.now, Status: "healthy", Worked: true}, nil)
		}
		if _, err := h.result(time.Second, sampleVars(), "healthy", true); err != nil {
			t.Errorf("%s of as many as are kept: %v", src, err)
		}
		if got, err := h.result(time.Second, sampleVars(), "healthy", true); err == nil || err.Error() != src+": "+errCrowded.Error() {
			t.Errorf("%s of one more is %v, %v", src, got, err)
		}
		if _, err := h.result(90*time.Minute-2*time.Second, sampleVars(), "healthy", true); err != nil {
			t.Errorf("%s, when the first no longer count: %v", src, err)
		}
	}
}

// Whatever a target says, a rule that looks back ends soon.
func TestLookingBackLimits(t *testing.T) {
	wide := map[string]any{}
	for i := range 300_000 {
		wide[fmt.Sprint("name", i)] = []any{i}
	}
	deep := any(1)
	for range 50_000 {
		deep = []any{deep}
	}
	for _, c := range []struct {
		name, src string
		json      any
		want      error
	}{
		{"a wide map", `changed(json)`, wide, nil},
		{"a deep list", `changed(json) ?? true`, deep, nil},
		{"many names", `len(jsonpath(json, "$.*[*]")) > 1`, wide, errLongList},
		{"many times many", `any(1..2000, len(jsonpath(json, "$.*")) == 1)`, map[string]any{"a": wide}, nil},
		{"a long path", `jsonpath(json, "$` + strings.Repeat("[0]", 300) + `") == nil`, deep, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHistory(t, c.src)
			env := sampleVars()
			env.JSON = c.json
			within(t, generous, func() {
				h.result(time.Second, env, "healthy", true)
				_, err := h.result(time.Second, env, "healthy", true)
				if c.want != nil && (err == nil || !strings.HasSuffix(err.Error(), c.want.Error())) {
					t.Errorf("it fails with %v, want %v", err, c.want)
				}
			})
		})
	}
	// A whole window in each turn of a loop.
	for _, src := range []string{`any(1..100000, p95(latency, "24h") > "1h")`, `any(1..100000, count_status("degraded", "24h") > 0)`} {
		h := newHistory(t, src)
		for range MaxKept {
			h.memory.Add(Outcome{At: h.now, Status: "healthy", Worked: true}, nil)
			h.now = h.now.Add(time.Second)
		}
		within(t, generous, func() {
			if _, err := h.result(time.Second, sampleVars(), "healthy", true); err != errSteps {
				t.Errorf("%s: it fails with %v", src, err)
			}
		})
	}
}

// The last of a percentile's definition: as many values as it says are not above it,
// and one less would be too few.
func TestPercentileProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(rapid.IntRange(0, 50), 1, 200).Draw(rt, "values")
		env := sampleVars()
		list := make([]any, len(all))
		for i, n := range all {
			list[i] = n
		}
		env.JSON = list
		for name, share := range map[string]int{"p90": 90, "p95": 95, "p99": 99} {
			got, err := mustValue(t, testScope(), name+`(json)`).Eval(new(VM), env)
			n, ok := got.(int)
			if err != nil || !ok || !slices.Contains(all, n) {
				rt.Fatalf("%s is %v, %v", name, got, err)
			}
			notAbove, below := 0, 0
			for _, v := range all {
				if v <= n {
					notAbove++
				}
				if v < n {
					below++
				}
			}
			if notAbove*100 < share*len(all) || below*100 >= share*len(all) {
				rt.Fatalf("%s of %v is %d", name, all, n)
			}
		}
	})
}
