package engine

import "time"

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
	// At is when the last firing or reminder was sent. The zero time forgets the
	// component altogether.
	At time.Time
	// Went is true once the status left the route's list without being healthy:
	// entering the list again is a new alert.
	Went bool
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
