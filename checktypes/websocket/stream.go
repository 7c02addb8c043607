package websocket

import (
	"context"
	"fmt"
	"sync"
	"time"

	"polyhealth/checktypes/web"
)

// A stream probes in mode stream. Its goroutine begins with the first probe and ends
// with Close.
type stream struct {
	dialer  *dialer
	wants   wants
	timeout time.Duration // of a probe, and of each attempt to connect
	pace    pace
	doing   progress

	begin sync.Once
	life  context.Context // until Close
	end   context.CancelFunc
	ended chan struct{} // closed when the goroutine has ended

	asked chan struct{} // has an element when a probe has come since the last ping
	wake  chan struct{} // has an element when there is something new for a probe
	mu    sync.Mutex
	facts facts
}

func newStream(d *dialer, w wants, timeout time.Duration, p pace) *stream {
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	s := &stream{
		dialer: d, wants: w, timeout: timeout, pace: p,
		ended: make(chan struct{}), asked: make(chan struct{}, 1), wake: make(chan struct{}, 1),
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

func (s *stream) Close() error {
	s.begin.Do(func() { close(s.ended) }) // there was no probe
	s.end()
	<-s.ended
	return nil
}

// Probe reports what the stream knows, and has it ping the peer. It waits for the
// first attempt to connect, and for the first messages and the first pong where the
// check asks for them.
func (s *stream) Probe(ctx context.Context, v *Vars) error {
	s.begin.Do(func() { go s.run() })
	signal(s.asked)
	for {
		missing, err := s.report(v)
		if missing == nil {
			return err
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return web.Ended(ctx, s.timeout, missing.String())
		}
	}
}

// report fills v, and says what a probe has yet to wait for, nil for nothing.
func (s *stream) report(v *Vars) (missing fmt.Stringer, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &s.facts
	f.fill(v, time.Now())
	switch {
	case !f.tried:
		return &s.doing, nil
	case !f.connected:
		return nil, web.Say("not connected: "+f.err.Error(), f.err)
	case f.count < s.wants.receive:
		return waiting(count(s.wants.receive, "message")), nil
	case s.wants.needPing && f.ping == 0:
		return waiting("the pong"), nil
	case f.count == 0:
		return nil, nil
	}
	return nil, s.wants.fill(v, f.last())
}

type waiting string

func (w waiting) String() string { return "waiting for " + string(w) }

// learn changes the facts, and wakes a probe that waits for more.
func (s *stream) learn(change func(f *facts)) {
	s.mu.Lock()
	change(&s.facts)
	s.mu.Unlock()
	signal(s.wake)
}

// signal leaves an element in c, which holds one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
