package alert

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"polyhealth/engine"
	"polyhealth/schema"
)

// longestSilence bounds how long one may last: what is silenced for ever should be taken
// out of the file.
const longestSilence = 366 * 24 * time.Hour

// Silences are those that have not expired, the oldest first.
func (d *Dispatcher) Silences() []engine.Silence {
	now := time.Now()
	var all []engine.Silence
	for _, s := range *d.silences.Load() {
		if !s.Over(now) {
			all = append(all, *s)
		}
	}
	return all
}

// Silence begins a silence of checks of the plan that runs. It is kept before it is
// acted on. An error is the caller's mistake.
func (d *Dispatcher) Silence(s engine.Silence) (engine.Silence, error) {
	d.mu.Lock()
	plan := d.plan
	d.mu.Unlock()
	s.ID, s.Created = strings.ToLower(rand.Text()[:10]), time.Now()
	if err := permitted(&s, plan); err != nil {
		return s, err
	}
	if err := d.memory.SaveSilence(s); err != nil {
		return s, err
	}
	var replaced []string
	d.change(func(all []*engine.Silence) []*engine.Silence {
		all = slices.DeleteFunc(all, func(other *engine.Silence) bool {
			again := s.Ack && other.Ack && slices.Equal(other.Checks, s.Checks)
			if again {
				replaced = append(replaced, other.ID)
			}
			return again
		})
		return append(all, &s)
	})
	for _, id := range replaced { // outside the lock: it waits for the disk
		d.forgetSilence(id)
	}
	d.log.Info("alerts are silenced", "id", s.ID, "checks", s.Checks, "tags", s.Tags, "ack", s.Ack, "author", s.Author, "reason", s.Reason)
	return s, nil
}

// Expire ends a silence.
func (d *Dispatcher) Expire(id string) error {
	found := false
	d.change(func(all []*engine.Silence) []*engine.Silence {
		return slices.DeleteFunc(all, func(s *engine.Silence) bool {
			found = found || s.ID == id
			return s.ID == id
		})
	})
	if !found {
		return fmt.Errorf("there is no silence %q", id)
	}
	d.forgetSilence(id)
	d.log.Info("a silence was ended", "id", id)
	return nil
}

// permitted says what is wrong with a silence: it must be of something, for a time.
func permitted(s *engine.Silence, plan *engine.Plan) error {
	var names, tags []string
	for _, c := range plan.Checks {
		names, tags = append(names, c.Name), append(tags, c.Tags...)
	}
	slices.Sort(tags)
	switch {
	case s.Ack && (len(s.Checks) != 1 || len(s.Tags) > 0):
		return errors.New("an acknowledgement is of one check")
	case s.Ack && !slices.Contains(names, s.Checks[0]): // not a pattern: it ends as that check is healthy
		return suggest(fmt.Sprintf("there is no check %q", s.Checks[0]), s.Checks[0], names)
	case len(s.Checks)+len(s.Tags) == 0:
		return errors.New("name a check, a pattern of names, or a tag")
	}
	for _, pattern := range s.Checks {
		one := engine.Silence{Checks: []string{pattern}}
		if !slices.ContainsFunc(plan.Checks, one.Covers) {
			return suggest(fmt.Sprintf("there is no check %q", pattern), pattern, names)
		}
	}
	for _, tag := range s.Tags {
		if _, found := slices.BinarySearch(tags, tag); !found {
			return suggest(fmt.Sprintf("no check has the tag %q", tag), tag, slices.Compact(tags))
		}
	}
	switch {
	case s.Ack:
		s.Expires = time.Time{}
	case !s.Expires.After(s.Created):
		return errors.New("a silence needs a time to last")
	case s.Expires.Sub(s.Created) > longestSilence:
		return errors.New("a silence lasts a year at most")
	}
	return nil
}

func suggest(text, name string, known []string) error {
	if hint := schema.DidYouMean(name, known); hint != "" {
		text += ": " + hint
	}
	return errors.New(text)
}

// change replaces the silences, and has all that is held back looked at anew.
func (d *Dispatcher) change(f func([]*engine.Silence) []*engine.Silence) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := f(slices.Clone(*d.silences.Load()))
	d.silences.Store(&all)
	for _, o := range d.outlets {
		o.releaseAll()
	}
}

// recallSilences brings back those from before a restart.
func (d *Dispatcher) recallSilences() {
	all, err := d.memory.LoadSilences()
	if err != nil {
		d.log.Error("the silences are not known: alerts that they held back are sent", "error", err)
	}
	var known []*engine.Silence
	for i := range all {
		if all[i].Over(time.Now()) {
			d.forgetSilence(all[i].ID)
		} else {
			known = append(known, &all[i])
		}
	}
	d.silences.Store(&known)
}

func (d *Dispatcher) forgetSilence(id string) {
	if err := d.memory.ForgetSilence(id); err != nil {
		d.log.Error("a silence that has ended comes back with a restart", "id", id, "error", err)
	}
}

// unacknowledge ends what was acknowledged of a check that is healthy.
func (d *Dispatcher) unacknowledge(name string) {
	for _, s := range *d.silences.Load() {
		if s.Ack && slices.Equal(s.Checks, []string{name}) {
			go func() { _ = d.Expire(s.ID) }() // it waits for the disk
		}
	}
}

// silenced is a hold by one of the silences.
func silenced(all []*engine.Silence, ev Event, c *engine.Component, now time.Time) *Hold {
	for _, s := range all {
		switch {
		case s.Over(now) || !s.Covers(c.Check):
		case s.Ack && ev == Reminder:
			return &Hold{Why: "acknowledged" + by(s)}
		case !s.Ack:
			return &Hold{Why: "silenced" + by(s), Until: s.Expires}
		}
	}
	return nil
}

func by(s *engine.Silence) (text string) {
	if s.Author != "" {
		text = " by " + s.Author
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}
