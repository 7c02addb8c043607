package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"polyhealth/checktypes"
)

type judgeKeys struct {
	// Of are names.
	Of []string `yaml:"of"`
	// Tags are tags.
	Tags []string `yaml:"tags"`
}

type judgeVars struct {
	checktypes.Common
	// Checks are the members.
	Checks map[string]checktypes.Member `expr:"checks"`
}

type judging struct {
	members func() ([]checktypes.Member, error)
}

func (j judging) Probe(_ context.Context, v *judgeVars) error {
	members, err := j.members()
	v.Checks = map[string]checktypes.Member{}
	for _, m := range members {
		v.Checks[m.Name] = m
	}
	return err
}

func (judging) Close() error { return nil }

// withJudges is a target and a type, judge, that is unhealthy where a member is.
func withJudges() *target {
	tg := newTarget()
	typ := checktypes.Define(checktypes.Definition[judgeKeys, judgeVars]{
		Name: "judge", Doc: "Judges others.", Short: "of",
		Selects: func(c judgeKeys) checktypes.Selection { return checktypes.Selection{Names: c.Of, Tags: c.Tags} },
		Open: func(_ judgeKeys, env checktypes.Env) (checktypes.Prober[judgeVars], error) {
			return judging{env.Members}, nil
		},
		Judge: func(_ *judgeKeys, v *judgeVars) checktypes.Status {
			for _, m := range v.Checks {
				if m.Status == "unhealthy" {
					return checktypes.Unhealthy
				}
			}
			return checktypes.Healthy
		},
		Summary: func(_ *judgeKeys, v *judgeVars) string { return fmt.Sprint(len(v.Checks), " members") },
	})
	tg.judge = &typ
	return tg
}

func TestSelects(t *testing.T) {
	plan := compiled(t, withJudges(), `
checks:
  all: {judge: {}}
  api-2: {fake: x, tags: [b]}
  some: {judge: [api-*, other, api-2]}
  api-1: {fake: x, tags: [a]}
  tagged: {judge: {of: [other], tags: [a, b]}}
  off: {fake: x, enabled: false, tags: [a]}
  other: {fake: x}
  eu/api: {fake: x, enabled: true}
  eu/db: {fake: x}
  eu: {judge: ['eu/*']}
  apis: {judge: ['*api*']}
  above: {judge: [some, all], interval: 5s}
`)
	want := map[string]string{
		"all": "api-2 api-1 other eu/api eu/db", "eu": "eu/api eu/db", "apis": "api-2 api-1 eu/api", "some": "api-2 api-1 other", "tagged": "api-2 api-1 other", "above": "all some", "other": "",
	}
	for _, c := range plan.Checks {
		if w, ok := want[c.Name]; ok && strings.Join(c.Inputs, " ") != w {
			t.Errorf("%s is judged by %v, want %s", c.Name, c.Inputs, w)
		}
	}
}

func TestSelectMistakes(t *testing.T) {
	const two = "  b: {fake: x, tags: [t]}\n  off: {fake: x, enabled: false}\n"
	for name, c := range map[string]struct{ src, want string }{
		"unknown":     {"checks:\n  a: {judge: [bb]}\n" + two, `2:15: error: there is no check "bb"` + "\nhint: did you mean \"b\"?"},
		"no match":    {"checks:\n  a: {judge: ['x*']}\n" + two, `2:15: error: no check fits "x*"`},
		"no tag":      {"checks:\n  a: {judge: {tags: [tt]}}\n" + two, `2:22: error: no check has the tag "tt"` + "\nhint: did you mean \"t\"?"},
		"off":         {"checks:\n  a: {judge: [off]}\n" + two, `2:15: error: the check "off" is not enabled`},
		"itself":      {"checks:\n  a: {judge: [a]}\n" + two, `2:15: error: "a" is judged by "a", and so by itself`},
		"a circle":    {"checks:\n  a: {judge: [b, c]}\n  c: {judge: [d]}\n  d: {judge: [a]}\n" + two, `4:15: error: "a" is judged by "d", and so by itself`},
		"nobody":      {"checks:\n  a: {judge: {}}\n", `2:3: error: there is no check to judge "a" by`},
		"timeout":     {"checks:\n  a: {judge: [b], timeout: 5s}\n" + two, `2:19: error: timeout has no meaning here, where nobody is asked`},
		"thresholds":  {"checks:\n  a: {judge: [b], thresholds: {healthy: 2}}\n" + two, `2:19: error: thresholds has no meaning here`},
		"not among":   {"checks:\n  a: {judge: [b], rules: {degraded: 'checks.off.status == \"healthy\"'}}\n" + two, `2:45: error: checks has no field "off"`},
		"not a field": {"checks:\n  a: {judge: [b], rules: {degraded: 'any(checks, .stat == \"\")'}}\n" + two, `2:51: error: an element of checks has no field "stat"`},
	} {
		t.Run(name, func(t *testing.T) {
			plan, text := tryCompile(withJudges(), c.src, nil)
			message, hint, _ := strings.Cut(c.want, "\n")
			if plan != nil || strings.Count(text, ": error: ") != 1 || !strings.HasPrefix(text, "checks.yaml:"+message) || !strings.Contains(text, hint) {
				t.Errorf("got\n%s\nwant %s", text, c.want)
			}
		})
	}
}

// A check that is judged by others is run when one of them changes, at once.
func TestJudgedWhenAnotherChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := withJudges()
		var down atomic.Bool
		tg.behave["part"] = func(context.Context, int) (int, error) {
			if down.Load() {
				return 0, errors.New("down")
			}
			return 0, nil
		}
		e, rec := running(t, tg, `
defaults: {interval: 10s, thresholds: {unhealthy: 1}}
checks:
  part: {fake: x}
  whole: {judge: [part], interval: 1h}
  top: {judge: [whole], interval: 1h}
`)
		time.Sleep(time.Second)
		if c := e.Component("top"); c.Status != Healthy || c.LastCheck.IsZero() {
			t.Fatalf("after a second it is %s: %s", c.Status, c.Message)
		}
		down.Store(true)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		part, top := e.Component("part"), e.Component("top")
		if part.Status != Unhealthy || top.Status != Unhealthy {
			t.Fatalf("the part is %s, what depends on it %s", part.Status, top.Status)
		}
		if late := top.Since.Sub(part.Since); late > time.Second {
			t.Errorf("it was known %s later", late)
		}
		before := len(rec.of("whole"))
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(rec.of("whole")) - before; n < 5 || n > 7 {
			t.Errorf("while six results told nothing new, it was judged %d times", n)
		}
	})
}

// However many change at once, it is judged a few times only.
func TestJudgedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := withJudges()
		src := strings.Builder{}
		src.WriteString("defaults: {interval: 10s, thresholds: {unhealthy: 1}}\nchecks:\n  whole: {judge: {}, interval: 1h}\n")
		for i := range 1000 {
			name := fmt.Sprintf("c%d", i)
			fmt.Fprintf(&src, "  %s: {fake: x}\n", name)
			tg.behave[name] = func(_ context.Context, n int) (int, error) {
				if n%2 == 1 {
					return 0, errors.New("down")
				}
				return 0, nil
			}
		}
		e, rec := running(t, tg, src.String())
		time.Sleep(61 * time.Second)
		synctest.Wait()
		if n := len(rec.of("whole")); n < 50 || n > 620 {
			t.Errorf("6,000 changes in a minute had it judged %d times", n)
		}
		if e.Component("whole").Message != "1000 members" {
			t.Errorf("it says %s", e.Component("whole").Message)
		}
	})
}

// Nothing is said before all that it is judged by is known, and what was said before
// stays where a new one is added.
func TestNotJudgedTooSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := withJudges()
		slow := func(context.Context, int) (int, error) { time.Sleep(5 * time.Second); return 0, nil }
		tg.behave["slow"], tg.behave["new"] = slow, slow
		e, rec := running(t, tg, "checks:\n  slow: {fake: x}\n  whole: {judge: {}, interval: 1s}\n")
		time.Sleep(4 * time.Second)
		if c := e.Component("whole"); !c.LastCheck.IsZero() || c.Message != "not probed yet" || e.Ready() {
			t.Errorf("before its part is known it is %s: %s", c.Status, c.Message)
		}
		time.Sleep(3 * time.Second)
		if c := e.Component("whole"); c.Status != Healthy {
			t.Errorf("once its part is known it is %s: %s", c.Status, c.Message)
		}
		apply(t, e, compiled(t, tg, "checks:\n  slow: {fake: x}\n  whole: {judge: {}, interval: 1s}\n  new: {fake: x}\n"))
		time.Sleep(4 * time.Second)
		if c := e.Component("whole"); c.Status != Healthy || c.Message != "1 members" {
			t.Errorf("while the new part is not known it is %s: %s", c.Status, c.Message)
		}
		time.Sleep(3 * time.Second)
		if c := e.Component("whole"); c.Status != Healthy || c.Message != "2 members" {
			t.Errorf("with the new part it is %s: %s", c.Status, c.Message)
		}
		apply(t, e, compiled(t, tg, "checks:\n  slow: {fake: x}\n  whole: {judge: {}, interval: 1s}\n"))
		time.Sleep(2 * time.Second)
		if c := e.Component("whole"); c.Message != "1 members" {
			t.Errorf("without it again it is %s: %s", c.Status, c.Message)
		}
		for _, ev := range rec.of("whole") {
			if ev.Result.Status != Healthy {
				t.Errorf("it was %s: %s", ev.Result.Status, ev.Component.Message)
			}
		}
	})
}

// Once probes what the asked one is judged by before it.
func TestOnceJudges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := withJudges()
		tg.behave["bad"] = func(context.Context, int) (int, error) { return 0, errors.New("down") }
		plan := compiled(t, tg, "checks:\n  top: {judge: [whole]}\n  whole: {judge: [bad]}\n  bad: {fake: x}\n  else: {fake: x}\n")
		var told []string
		New(quiet()).Once(t.Context(), Judged(plan.Checks, plan.Checks[:1]), func(c *Component) {
			told = append(told, c.Check.Name+" "+c.Status.String())
		})
		if want := []string{"bad unhealthy", "whole unhealthy", "top unhealthy"}; !slices.Equal(told, want) {
			t.Errorf("it told %v, want %v", told, want)
		}
	})
}
