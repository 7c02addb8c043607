package server

import (
	"sync"
	"time"

	"polyhealth/engine"
)

// broadcast tells all watchers what changed, once a tick and only while there are
// any. What changed more than once since the last tick is told once.
type broadcast struct {
	view   View
	redact func() func(string) string
	every  time.Duration
	limit  int

	mu       sync.Mutex
	watchers map[chan []byte]struct{}
	quit     chan struct{} // ends the goroutine that ticks; nil where there is none
}

// behind is how many events a watcher may be behind before it is given up.
const behind = 4

// join adds a watcher, or returns nil where there are too many. The channel is
// closed when the watcher falls behind.
func (b *broadcast) join() chan []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.watchers) >= b.limit {
		return nil
	}
	if b.quit == nil {
		b.watchers, b.quit = map[chan []byte]struct{}{}, make(chan struct{})
		version := b.view.Version()
		go b.run(b.quit, version, b.view.Components(nil))
	}
	ch := make(chan []byte, behind)
	b.watchers[ch] = struct{}{}
	return ch
}

// leave removes a watcher. The last one turns off the light.
func (b *broadcast) leave(ch chan []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers, ch)
	if len(b.watchers) == 0 && b.quit != nil {
		close(b.quit)
		b.quit = nil
	}
}

// run tells what differs from the components of before, tick by tick.
func (b *broadcast) run(quit chan struct{}, version uint64, before []*engine.Component) {
	ticker := time.NewTicker(b.every)
	defer ticker.Stop()
	for {
		select {
		case <-quit:
			return
		case <-ticker.C:
		}
		now := b.view.Version()
		if now == version {
			continue
		}
		after := b.view.Components(make([]*engine.Component, 0, len(before)))
		if event := difference(before, after, b.redact()); event != nil {
			b.tell(event)
		}
		version, before = now, after
	}
}

// tell hands an event to every watcher and gives up those that are behind.
func (b *broadcast) tell(event []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch := range b.watchers {
		select {
		case ch <- event:
		default:
			delete(b.watchers, ch)
			close(ch)
		}
	}
}

// difference is the event that leads from before to after, or nil: `changes` with
// what is new, or `reset` where the list itself is another.
func difference(before, after []*engine.Component, redact func(string) string) []byte {
	if !sameNames(before, after) {
		return []byte("event: reset\ndata: {}\n\n")
	}
	start := appendSummary([]byte("event: changes\ndata: {"), countOf(after), time.Now())
	b := append(start, `,"checks":[`...)
	empty := len(b)
	for i, c := range after {
		if c == before[i] {
			continue
		}
		if len(b) > empty {
			b = append(b, ',')
		}
		b = append(appendCheck(append(b, '{'), c, redact), '}')
	}
	if len(b) == empty {
		return nil
	}
	return append(b, "]}\n\n"...)
}

func sameNames(a, b []*engine.Component) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && a[i].Check.Name != b[i].Check.Name {
			return false
		}
	}
	return true
}
