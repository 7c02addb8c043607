package alert

import (
	"time"

	"polyhealth/engine"
)

// A lane is what an outlet knows of a component.
type lane struct {
	name      string
	component *engine.Component // the newest; nil where none is known yet
	previous  engine.Status     // before the last transition
	gone      string            // see Message.Gone
	told      engine.Notified

	due      time.Time // when to look at it again; zero: at once
	index    int       // in the queue, -1 outside
	attempts int       // that failed, of what is due
	trying   Message   // what they said: the same thing is said in the same words
	began    time.Time // the first of them
	hold     time.Time // not to be tried again before
	held     *Hold     // why what is due is not sent, or nil
	maybe    bool      // what is being told may have arrived
}

// retry forgets earlier attempts: what is due now is something else.
func (l *lane) retry() {
	l.attempts, l.began, l.hold, l.trying = 0, time.Time{}, time.Time{}, Message{}
}

// incident is since when there is what is to be told: what names it from the first attempt
// to its end.
func (l *lane) incident() time.Time {
	at := l.since()
	if l.component == nil {
		return at
	}
	if x := exhausted(l.component); x.After(at) {
		return x
	}
	return at
}

// since is when the lane's component changed.
func (l *lane) since() time.Time {
	if l.component == nil {
		return time.Time{}
	}
	return l.component.Since
}

// queue is a heap of lanes by when they are due; of those that are due at once the
// one that changed first comes first.
type queue []*lane

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	if !a.due.Equal(b.due) {
		return a.due.Before(b.due)
	}
	if x, y := a.since(), b.since(); !x.Equal(y) {
		return x.Before(y)
	}
	return a.name < b.name
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	l := x.(*lane)
	l.index = len(*q)
	*q = append(*q, l)
}

func (q *queue) Pop() any {
	old := *q
	l := old[len(old)-1]
	old[len(old)-1] = nil
	l.index = -1
	*q = old[:len(old)-1]
	return l
}
