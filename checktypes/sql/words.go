package sql

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"polyhealth/checktypes"
)

// A failure is why a probe failed, in a person's words, and the cause behind them.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

const closedConnection = "the server closed the connection"

// cannotConnect words an error of connect.
func (p *prober) cannotConnect(ctx context.Context, err error) error {
	address := p.base.address()
	if address == "" {
		return p.queryFailed(ctx, err)
	}
	if ended := p.ended(ctx, err, "connecting to "+address); ended != nil {
		return ended
	}
	return &failure{"cannot connect to " + address + ": " + p.why(err), err}
}

// queryFailed words an error of ask.
func (p *prober) queryFailed(ctx context.Context, err error) error {
	if errors.As(err, new(*misfit)) {
		return err
	}
	why := p.why(err)
	if why == "database is locked" {
		return &failure{why, err}
	}
	if ended := p.ended(ctx, err, "running the query"); ended != nil {
		return ended
	}
	return &failure{"query failed: " + why, err}
}

// ended is the error of a probe that ran into its deadline, or was cancelled, and
// nil where that is not what err comes from. The server's clock, and a connection's,
// may be a little ahead of ctx.
func (p *prober) ended(ctx context.Context, err error, doing string) error {
	left := p.left(ctx)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &failure{"cancelled " + doing, context.Canceled}
	case left <= 0, left < 100*time.Millisecond && p.base.timedOut(err):
		return checktypes.Timeout(p.after, doing)
	}
	return nil
}

// why is what went wrong in the database's words, else in this machine's.
func (p *prober) why(err error) string {
	if text, ok := p.base.explain(err); ok {
		return oneLine(text)
	}
	return reason(err)
}

// reason is the innermost cause of err in a few words.
func reason(err error) string {
	var errno syscall.Errno
	var dns *net.DNSError
	switch {
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &dns):
		return "cannot resolve " + dns.Name + ": " + dns.Err
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closedConnection
	}
	return oneLine(strings.TrimPrefix(innermost(err).Error(), "sql: "))
}

// innermost follows err's causes to the end, the last one where there are several.
func innermost(err error) error {
	for {
		var next error
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			next = e.Unwrap()
		case interface{ Unwrap() []error }:
			all := e.Unwrap()
			next = all[len(all)-1]
		}
		if next == nil {
			return err
		}
		err = next
	}
}
