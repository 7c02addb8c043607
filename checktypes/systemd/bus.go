package systemd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"

	"polyhealth/checktypes"
)

// A bus is one scope's connection to systemd, shared by its checks: made when it
// is first needed, and again after it broke. It is safe for concurrent use.
type bus struct {
	scope     string
	addresses []address

	turn chan struct{} // holds a token while somebody uses what follows
	conn *conn         // nil before the first, and after a broken one
	lost time.Time     // when the last one was found broken
}

func newBus(scope string) *bus {
	return &bus{
		scope: scope, addresses: addresses(scope, os.Geteuid(), os.Getenv),
		turn: make(chan struct{}, 1),
	}
}

// Close ends the connection. What is being read over it fails.
func (b *bus) Close() error {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	if b.conn != nil {
		b.conn.close()
		b.conn = nil
	}
	return nil
}

// Patience with a systemd that has just gone away: it does so for a moment when it
// executes itself anew, after an upgrade, and that is nobody's failure.
const (
	patience = 2 * time.Second
	pause    = 100 * time.Millisecond
)

// read runs work over a working connection, again where the connection breaks
// below it, so work must be able to begin anew. Errors are complete, for people.
func (b *bus) read(ctx context.Context, timeout time.Duration, work func(*conn) error) error {
	var trouble time.Time // when it began
	for {
		c, fresh, err := b.connection(ctx)
		if err == nil {
			if err = work(c); !isLost(err) {
				return words(ctx, timeout, err)
			}
			fresh = b.drop(ctx, c)
		}
		if trouble.IsZero() {
			trouble = time.Now()
		}
		if !fresh || time.Since(trouble) > patience || !sleep(ctx, pause) {
			return b.absent(ctx, timeout, err)
		}
	}
}

// connection returns the connection, making it where there is none. Beside an
// error, fresh says that there was one a moment ago.
func (b *bus) connection(ctx context.Context) (c *conn, fresh bool, err error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	b.discard(b.conn != nil && !b.conn.alive())
	if b.conn == nil {
		b.conn, err = b.dial(ctx)
	}
	return b.conn, time.Since(b.lost) < patience, err
}

// drop forgets a connection that broke under its user, and says whether that is
// recent enough to be patient.
func (b *bus) drop(ctx context.Context, broken *conn) bool {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return false
	}
	b.discard(b.conn == broken)
	return time.Since(b.lost) < patience
}

// discard closes the connection where it is broken.
func (b *bus) discard(broken bool) {
	if broken {
		b.conn.close()
		b.conn, b.lost = nil, time.Now()
	}
}

// dial tries the addresses in turn. Where none works it tells of those that are
// there, or of the first where none is.
func (b *bus) dial(ctx context.Context) (*conn, error) {
	var failed error
	for _, a := range b.addresses {
		c, err := dial(ctx, a)
		switch {
		case err == nil:
			return c, nil
		case failed == nil, errors.Is(failed, syscall.ENOENT) && !errors.Is(err, syscall.ENOENT):
			failed = err
		case !errors.Is(err, syscall.ENOENT):
			failed = fmt.Errorf("%w; %w", failed, err)
		}
	}
	return nil, failed
}

// absent is the error of a probe that found no connection. It is our own fault: of
// the units nothing is known.
func (b *bus) absent(ctx context.Context, timeout time.Duration, err error) error {
	switch {
	case ctx.Err() != nil:
		err = ended(ctx, timeout, "")
	case errors.Is(err, context.DeadlineExceeded): // the dialer's clock was a moment faster
		err = checktypes.Timeout(timeout, "")
	case errors.Is(err, syscall.ENOENT) && !booted():
		err = errors.New("systemd does not run on this machine")
	case errors.Is(err, syscall.ENOENT) && b.scope == user:
		err = errors.New(err.Error() + " (is the user logged in, or does loginctl enable-linger?)")
	}
	return checktypes.OwnFaultf("no connection to the %s bus: %w", b.scope, err)
}

// words puts what went wrong over a working connection into words. Only a pattern
// without a match says something about the units; all else is our own fault.
func words(ctx context.Context, timeout time.Duration, err error) error {
	var refused dbus.Error
	var none *noMatch
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return checktypes.OwnFault(ended(ctx, timeout, "waiting for systemd's answer"))
	case errors.As(err, &none):
		return err
	case errors.As(err, &refused):
		return checktypes.OwnFaultf("systemd refused to answer: %w", err)
	}
	return checktypes.OwnFaultf("systemd's answer was not understood: %w", err)
}

// ended is the error of a probe whose context has ended.
func ended(ctx context.Context, timeout time.Duration, doing string) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return checktypes.Timeout(timeout, doing)
	}
	return errors.New("the probe was stopped")
}

// booted reports whether systemd is this machine's init.
func booted() bool {
	_, err := os.Stat("/run/systemd/system")
	return err == nil
}

// sleep waits, and reports whether ctx let it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
