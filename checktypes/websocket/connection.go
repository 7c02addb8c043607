package websocket

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	ws "github.com/coder/websocket"

	"polyhealth/checktypes"
	"polyhealth/checktypes/web"
)

// A pace says when a stream does what it does by itself.
type pace struct {
	ping, pong            time.Duration // how often it pings at least, how long it waits for a pong
	apart                 time.Duration // how long it leaves between two pings, however many probes ask
	firstPause, longPause time.Duration // before the first and the later attempts to reconnect
	steady                time.Duration // how long a connection lasts that was no failure
}

func usualPace() pace {
	return pace{ping: 20 * time.Second, pong: 10 * time.Second, apart: time.Second, firstPause: time.Second, longPause: time.Minute, steady: time.Minute}
}

// pause is how long to wait after so many failures in a row, from half of a doubling
// time up to all of it, so that many streams of one server do not return at once.
func (p pace) pause(failures int) time.Duration {
	d := p.longPause
	if shift := failures - 1; shift < 20 {
		d = min(d, p.firstPause<<shift)
	}
	return d/2 + rand.N(d/2+1)
}

// run keeps the stream connected until Close.
func (s *stream) run() {
	defer close(s.ended)
	for failures := 1; s.life.Err() == nil; failures++ {
		start := time.Now()
		err := s.connection()
		s.learn(func(f *facts) { f.down(err) })
		if time.Since(start) >= s.pace.steady {
			failures = 1
		}
		rest(s.life, s.pace.pause(failures))
	}
}

// rest waits for d or for the end of ctx.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// connection opens one connection, subscribes, and reads to its end. It returns why
// it ended.
func (s *stream) connection() error {
	l, err := s.connect()
	if err != nil {
		return err
	}
	// The connection does not end with the stream's life but by a closing frame.
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	gone := make(chan struct{})
	stay := context.AfterFunc(s.life, func() {
		defer close(gone)
		l.hangUp(closeGrace)
	})
	var pinging sync.WaitGroup
	pinging.Go(func() { s.keepAlive(ctx, stop, l) })
	for err == nil {
		err = s.take(l)
	}
	if dead, is := context.Cause(ctx).(verdict); is {
		err = dead
	}
	stop(nil)
	pinging.Wait()
	if stay() {
		l.hangUp(closeGrace)
	} else {
		<-gone
	}
	return lost(err, int64(s.dialer.config.MaxMessage))
}

// connect opens a connection and subscribes.
func (s *stream) connect() (*link, error) {
	ctx, cancel := context.WithTimeout(s.life, s.timeout)
	defer cancel()
	l, err := s.dialer.dial(ctx, &s.doing)
	sent := 0
	if err == nil {
		for _, text := range s.dialer.config.Send {
			s.doing.set(fmt.Sprintf("sending message %d of %d", sent+1, len(s.dialer.config.Send)))
			if err = l.Write(ctx, ws.MessageText, []byte(text)); err != nil {
				l.cut()
				l.CloseNow()
				err = lost(err, 0)
				break
			}
			sent++
		}
	}
	if ended := web.Ended(ctx, s.timeout, s.doing.String()); err != nil && ended != nil {
		err = ended
	}
	if err != nil {
		return nil, err
	}
	s.learn(func(f *facts) { f.up(time.Now(), l.Subprotocol(), sent) })
	return l, nil
}

// take reads one message.
func (s *stream) take(l *link) error {
	text, err := receive(l, s.wants.last)
	if err == nil {
		s.learn(func(f *facts) { f.message(time.Now(), text, s.wants) })
	}
	return err
}

// keepAlive pings until ctx ends, and ends it where the peer has vanished: neither
// a pong nor a message came in time. It pings when a probe asks and when none has
// for a while, so that a dead peer is known soon after the probe that it fools.
func (s *stream) keepAlive(ctx context.Context, stop context.CancelCauseFunc, l *link) {
	for ctx.Err() == nil {
		before := s.received()
		wait := min(s.pace.pong, s.timeout)
		within, cancel := context.WithTimeout(ctx, wait)
		start := time.Now()
		err := l.Ping(within)
		late := within.Err() == context.DeadlineExceeded
		cancel()
		switch {
		case err == nil:
			s.learn(func(f *facts) { f.ping = time.Since(start) })
		case !late:
			return // the reader learns why
		case s.received() == before:
			stop(verdict("no pong within " + checktypes.FormatDuration(wait)))
			l.cut()
			return
		}
		s.awaitPing(ctx)
	}
}

// awaitPing returns when it is time to ping again.
func (s *stream) awaitPing(ctx context.Context) {
	rest(ctx, s.pace.apart)
	timer := time.NewTimer(s.pace.ping - s.pace.apart)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.asked:
	case <-ctx.Done():
	}
}

func (s *stream) received() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts.count
}
