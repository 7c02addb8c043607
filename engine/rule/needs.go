package rule

import (
	"slices"
	"time"
)

// Needs are what the expressions of a check ask to be kept of its results.
type Needs struct {
	// Window is the longest that one of them looks back over, or 0.
	Window  time.Duration
	watched []watched
}

// A watched is an expression whose last value is kept.
type watched struct {
	key     string // its text
	program *Program
}

// watches reports whether the value of an expression is to be kept.
func (n *Needs) watches(key string) bool {
	return slices.ContainsFunc(n.watched, func(w watched) bool { return w.key == key })
}

// lookback is what one expression needs.
type lookback struct {
	window time.Duration // the longest, or 0
	least  time.Duration // the shortest
	keys   []string      // the texts of expressions within it
}

// Window is how far the expression looks back, or 0.
func (p *Program) Window() time.Duration {
	if p.behind == nil {
		return 0
	}
	return p.behind.window
}

// LeastWindow is the shortest time that the expression looks back over, or 0.
func (p *Program) LeastWindow() time.Duration {
	if p.behind == nil {
		return 0
	}
	return p.behind.least
}

// Window is how far the expressions of the template look back, or 0.
func (t *Template) Window() (most time.Duration) {
	for _, p := range t.programs() {
		most = max(most, p.Window())
	}
	return most
}

// Needs are what programs and templates of this scope need together; nil where none
// looks back.
func (s *Scope) Needs(programs []*Program, templates ...*Template) *Needs {
	for _, t := range templates {
		programs = append(slices.Clip(programs), t.programs()...)
	}
	var n *Needs
	for _, p := range programs {
		if p == nil || p.behind == nil {
			continue
		}
		if n == nil {
			n = &Needs{}
		}
		n.Window = max(n.Window, p.behind.window)
		for _, key := range p.behind.keys {
			if w, _ := s.Value(key); w != nil && !n.watches(key) {
				n.watched = append(n.watched, watched{key, w})
			}
		}
	}
	return n
}

// Notes are values found in one result, to be kept for the next.
type Notes []past

// Note evaluates what is watched. What has no value in this result is left out: what
// is kept of it is older then.
func (n *Needs) Note(m *VM, env any) (notes Notes) {
	if n == nil {
		return nil
	}
	for _, w := range n.watched {
		v, err := w.program.run(m, env)
		if err != nil {
			continue
		}
		note := past{key: w.key}
		var walk walk
		if note.print = fingerprint(v, &walk); walk.err() != nil {
			continue
		}
		if v = plain(v); comparedWithPast.has(kindOf(v)) && !isNaN(v) {
			note.value = v
		}
		notes = append(notes, note)
	}
	return notes
}
