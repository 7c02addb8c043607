package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	commitEvery = time.Second
	// urgentAfter is how long what is urgent may wait. Each time that this makes a
	// transaction of its own it spends a credit; without one it waits as all else,
	// so that a storm is not a storm of transactions.
	urgentAfter = 100 * time.Millisecond
	maxCredit   = 10
	creditEvery = 5 * time.Second

	firstRetry = time.Second
	lastRetry  = time.Minute
)

// pace is when the writer last did what.
type pace struct {
	committed time.Time
	tidied    time.Time
	credit    float64
}

// trouble is why nothing can be written.
type trouble struct {
	text  string
	since time.Time
	wait  time.Duration
	retry time.Time
}

// Health is how the store itself is doing.
type Health struct {
	// Trouble is why nothing can be written, or empty.
	Trouble string
	// Since is when that began.
	Since time.Time
	// Queued results and transitions are not written yet.
	Queued int
	// Dropped is how many were given up, the oldest first, because too many waited.
	Dropped uint64
}

// Health tells how the store itself is doing.
func (s *Store) Health() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Health{
		Trouble: s.trouble.text, Since: s.trouble.since,
		Queued: s.flying + len(s.samples) + len(s.transitions), Dropped: s.dropped,
	}
}

// run is the writer. It ends at Close.
func (s *Store) run() {
	defer close(s.done)
	s.pace = pace{tidied: time.Now(), credit: maxCredit}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.quit:
			return
		case f := <-s.flushes:
			f.done <- s.turn(time.Now(), true)
		case <-s.wake:
		case <-timer.C:
			if now := time.Now(); !now.Before(s.due()) {
				_ = s.turn(now, false) // it is in Health
			}
		}
		timer.Reset(time.Until(s.due()))
	}
}

// due is when the writer has something to do next.
func (s *Store) due() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	regular := s.pace.committed.Add(commitEvery)
	due := s.pace.tidied.Add(tidyEvery)
	earlier := func(t time.Time) {
		if t.Before(due) {
			due = t
		}
	}
	switch {
	case s.trouble.text != "":
		return s.trouble.retry
	case !s.pressing.IsZero() && s.pace.credit >= 1:
		earlier(s.pressing.Add(urgentAfter))
	case !s.since.IsZero():
		earlier(later(regular, s.since.Add(urgentAfter)))
	}
	return due
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// turn writes what is pending, all of it or the sweep's share, and tidies up
// where that is due.
func (s *Store) turn(now time.Time, all bool) error {
	if err := s.sameFile(); err != nil {
		return s.fail(now, err)
	}
	w := s.take(now, all)
	if !w.empty() {
		err := s.commit(w)
		if err != nil {
			s.giveBack(w)
			return s.fail(now, err)
		}
		s.written()
		s.spend(now)
		each(w.after)
		answer(w.repairs, nil)
	}
	if all || now.Sub(s.pace.tidied) < tidyEvery {
		s.recover(now)
		return nil
	}
	more, err := s.tidy(now)
	if err != nil {
		return s.fail(now, err)
	}
	s.pace.tidied = now
	if more {
		s.pace.tidied = now.Add(commitEvery - tidyEvery)
	}
	s.recover(now)
	return nil
}

func each(all []func()) {
	for _, f := range all {
		f()
	}
}

// written notes that what was taken is in the database.
func (s *Store) written() {
	s.mu.Lock()
	s.flying = 0
	s.mu.Unlock()
}

// spend counts a transaction that came sooner than the regular one.
func (s *Store) spend(now time.Time) {
	p := &s.pace
	elapsed := now.Sub(p.committed)
	p.credit = min(maxCredit, p.credit+elapsed.Seconds()/creditEvery.Seconds())
	if elapsed < commitEvery {
		p.credit--
	}
	p.committed = now
}

// fail notes that the disk does not take anything, and when to try again.
func (s *Store) fail(now time.Time, err error) error {
	err = fmt.Errorf("cannot write to the database %s: %w", s.path, plain(s.because(err)))
	s.mu.Lock()
	t := &s.trouble
	first := t.text == ""
	if first {
		t.since = now
	}
	t.text = err.Error()
	t.wait = min(max(2*t.wait, firstRetry), lastRetry)
	t.retry = now.Add(t.wait)
	after := s.after
	s.after = nil
	refused := s.refuse()
	s.mu.Unlock()
	each(after)
	answer(refused, err)
	if first {
		s.log.Error(err.Error(), "hint", "results wait in memory; it is tried again at least once a minute")
	}
	return err
}

// recover notes that the disk takes what it is given.
func (s *Store) recover(now time.Time) {
	s.mu.Lock()
	was := s.trouble
	s.trouble = trouble{}
	dropped := s.dropped
	s.mu.Unlock()
	if was.text != "" {
		s.log.Info("the database can be written again",
			"after", now.Sub(was.since).Round(time.Second).String(), "dropped", dropped)
	}
}

// A flush asks the writer to write everything now.
type flush struct{ done chan error }

var errClosed = errors.New("the database is closed")

// Flush writes all that was observed so far, and returns once it is in the
// database, or why it is not.
func (s *Store) Flush(ctx context.Context) error {
	f := flush{make(chan error, 1)}
	select {
	case s.flushes <- f:
	case <-s.done:
		return errClosed
	case <-ctx.Done():
		return fmt.Errorf("the database %s did not take all in time: %w", s.path, context.Cause(ctx))
	}
	select {
	case err := <-f.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("the database %s did not take all in time: %w", s.path, context.Cause(ctx))
	}
}

// Close writes what is pending and closes the database. Where that fails, or
// ctx ends first, the error says how much was lost. Observe and Sync are in vain
// afterwards; nothing may be read.
func (s *Store) Close(ctx context.Context) error {
	var err error
	s.closing.Do(func() {
		err = s.Flush(ctx)
		close(s.quit)
		select {
		case <-s.done:
		case <-ctx.Done():
			return // a disk that hangs; the end of the process frees the rest
		}
		if s.conn != nil && err == nil {
			_, err = s.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		}
		s.disconnect()
		s.lock.Close()
	})
	if h := s.Health(); err != nil && h.Queued > 0 {
		err = fmt.Errorf("%d results and transitions are lost: %w", h.Queued, err)
	}
	return err
}
