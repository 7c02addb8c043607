package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestBlockedBy: what a component depends on is shown with it while that is not healthy,
// as soon as it is not, over a reload too.
func TestBlockedBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := newTarget()
		down := func(from, to int) func(context.Context, int) (int, error) {
			return func(_ context.Context, n int) (int, error) {
				if n >= from && n < to {
					return 0, errors.New("down")
				}
				return 0, nil
			}
		}
		tg.behave["db"] = down(1, 3)
		tg.behave["eu"] = down(2, 3)
		tg.behave["us"] = down(1, 3)
		const src = `
defaults: {interval: 1m}
checks:
  shop: {fake: x, depends_on: [db, {any_of: [eu, us]}], interval: 24h}
  db: {fake: x}
  eu: {fake: x}
  us: {fake: x}
`
		e, _ := running(t, tg, src)
		for i, want := range []string{"", "db", "db", ""} {
			time.Sleep(50 * time.Millisecond)
			synctest.Wait()
			if got := e.Component("shop").BlockedBy; got != want {
				t.Errorf("after %d minutes shop is blocked by %q, want %q", i, got, want)
			}
			time.Sleep(time.Minute - 50*time.Millisecond)
		}
		apply(t, e, compiled(t, tg, src+"  more: {fake: x}\n"))
		if got := e.Component("shop").BlockedBy; got != "" {
			t.Errorf("after a reload shop is blocked by %q", got)
		}
	})
}

// TestBlockedByAGroup: it is blocked while none of a group is healthy, and named all of
// it.
func TestBlockedByAGroup(t *testing.T) {
	of := map[string]*Component{}
	look := func(name string) *Component { return of[name] }
	c := &Check{DependsOn: Needs{{"a"}, {"b", "c"}}}
	set := func(name string, s Status) { of[name] = &Component{Check: &Check{Name: name}, Status: s} }
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"nothing is known", func() {}, "a"},
		{"the first is healthy", func() { set("a", Healthy) }, "b, c"},
		{"one of the group is", func() { set("c", Healthy) }, ""},
		{"the other of it is not", func() { set("b", Unhealthy) }, ""},
		{"none of it is", func() { set("c", Degraded) }, "b, c"},
		{"what is not configured blocks nobody", func() { of["b"].Check.NotConfigured = "not configured: X" }, ""},
		{"the first is unknown", func() { set("a", Unknown) }, "a"},
	} {
		step.do()
		if got := c.BlockedBy(look); got != step.want {
			t.Errorf("%s: it is blocked by %q, want %q", step.name, got, step.want)
		}
	}
}
