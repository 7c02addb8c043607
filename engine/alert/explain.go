package alert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
)

// Explain says what a route would tell, and when, were the component to report its
// status now and nothing had been told of it before; or why it would tell nothing.
func Explain(r *engine.Route, c *engine.Component, now time.Time) string {
	if !slices.Contains(c.Check.Routes, r.Name) {
		return "nothing: it is not among the check's routes"
	}
	var unset []string
	for _, nc := range r.Notifiers {
		if nc.NotConfigured != "" {
			unset = append(unset, nc.Type+" is "+nc.NotConfigured)
		}
	}
	if len(unset) == len(r.Notifiers) {
		return "nothing: " + strings.Join(unset, ", ")
	}
	ev, _ := decide(r, engine.Notified{}, c.Status, c.Flapping)
	if ev == nothing {
		on := make([]string, len(r.On))
		for i, s := range r.On {
			on[i] = s.String()
		}
		return fmt.Sprintf("nothing: %s is not among on: [%s]", c.Status, strings.Join(on, ", "))
	}
	if h := planned(c, now); h != nil {
		return fmt.Sprintf("%s, held back by %s until %s", ev, h.Why, h.Until.Format(time.RFC3339))
	}
	text := string(ev) + " at once"
	if r.GroupWait > 0 {
		text = fmt.Sprintf("%s after %s", ev, checktypes.FormatDuration(r.GroupWait))
	}
	if len(c.Check.DependsOn) > 0 {
		groups := make([]string, len(c.Check.DependsOn))
		for i, group := range c.Check.DependsOn {
			groups[i] = "none of " + strings.Join(group, ", ") + " is healthy"
			if len(group) == 1 {
				groups[i] = group[0] + " is not healthy"
			}
		}
		text += ", unless " + strings.Join(groups, " or ")
	}
	if r.Repeat > 0 {
		text += fmt.Sprintf(", then a reminder every %s", checktypes.FormatDuration(max(r.Repeat, r.Cooldown)))
	}
	return text
}

// Try sends a message that is plainly a test, by the same way as every other, and
// returns nil where the place has taken it, else what it answered.
func Try(ctx context.Context, nc engine.NotifierConfig, env Env, kinds []Kind) error {
	if nc.NotConfigured != "" {
		return errors.New(nc.NotConfigured)
	}
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == nc.Type })
	n, err := kinds[i].Open(nc.Config, env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	now := time.Now()
	out := n.Send(ctx, Message{
		ID: identity(Test, engine.Notified{Route: env.Route, Notifier: nc.Type}, engine.Unknown, now), Event: Test, Route: env.Route,
		Check: "polyhealth", Message: "nothing is wrong: somebody asked whether this message arrives", Time: now,
	})
	switch {
	case out.result == sent:
		return nil
	case out.err == nil:
		return errors.New(out.String())
	}
	return out.err
}
