package engine

import (
	"slices"
	"time"
)

// A Notified is what one notifier of a route was last told of a component: what
// alerts must remember over a restart.
type Notified struct {
	Component string
	Route     string
	Notifier  string // its type: a route has at most one of each

	// Firing is true from a firing that was sent to the resolved that follows it.
	Firing bool
	// Status is what was last told.
	Status Status
	// At is when the last firing or reminder was sent. The zero time, of what is not
	// being tried either, forgets the component altogether.
	At time.Time
	// Went is true once the status left the route's list without being healthy:
	// entering the list again is a new alert.
	Went bool
	// Trying is true from before the first attempt to send a firing until one was taken:
	// after a kill nobody knows whether it arrived, so its end is told as well.
	Trying bool
	// About is since when there was what the last firing told: it names the incident, from
	// before the first attempt to its end.
	About time.Time
	// Flapping is true from a flapping that was sent to the stable that follows it.
	Flapping bool
}

// An AlertRecord is one thing that became of an alert, for people to look up.
type AlertRecord struct {
	At        time.Time
	Component string
	Route     string
	Notifier  string
	Event     string // what it was about: firing, reminder, resolved, …
	Status    Status // that was told, or was to be
	Outcome   string // one of the outcomes below
	Attempts  int    // that were made so far
	Note      string // the error, or what held it back; redacted
	ID        string // of the message, or empty
}

// What becomes of an alert.
const (
	AlertSent    = "sent"      // the place has taken it
	AlertFailed  = "failed"    // the first attempt of those that are made on and on
	AlertHeld    = "held_back" // it waits for something to end
	AlertGivenUp = "given_up"  // after trying for a day
)

// A Silence holds back alerts until it expires, or, as an acknowledgement, reminders of
// what is known until that is over.
type Silence struct {
	ID string `json:"id"`
	// Checks are the names of checks, or patterns of them such as api-*; Tags are tags
	// of theirs. One that fits will do.
	Checks []string `json:"checks"`
	Tags   []string `json:"tags"`
	// Ack is true of an acknowledgement, which is of one check, and ends once that is
	// healthy.
	Ack     bool      `json:"ack"`
	Author  string    `json:"author"`
	Reason  string    `json:"reason"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"` // zero for an acknowledgement
}

// Covers reports whether the silence is of a check.
func (s *Silence) Covers(c *Check) bool {
	return slices.ContainsFunc(s.Checks, func(pattern string) bool { return pattern == c.Name || fits(pattern, c.Name) }) ||
		slices.ContainsFunc(s.Tags, func(tag string) bool { return slices.Contains(c.Tags, tag) })
}

// Over reports whether the silence has expired at t.
func (s *Silence) Over(t time.Time) bool { return !s.Ack && !t.Before(s.Expires) }
