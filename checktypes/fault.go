package checktypes

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// ErrTimeout is wrapped by the errors that [Timeout] makes.
var ErrTimeout = errors.New("timed out")

// Timeout is the error of a probe whose deadline passed while it was doing what
// doing says: "timed out after 10s waiting for the first byte". An empty doing
// leaves that part out.
func Timeout(after time.Duration, doing string) error {
	return &timeout{after: after, doing: doing}
}

type timeout struct {
	after time.Duration
	doing string
}

func (t *timeout) Error() string {
	s := "timed out after " + FormatDuration(t.after)
	if t.doing != "" {
		s += " " + t.doing
	}
	return s
}

func (t *timeout) Is(target error) bool {
	return target == ErrTimeout || target == context.DeadlineExceeded
}

// OwnFault marks an error as polyhealth's own: there is no bus, no such program,
// no file descriptor left. The component is unknown, not unhealthy.
func OwnFault(err error) error {
	if err == nil {
		return nil
	}
	return &ownFault{err}
}

// OwnFaultf is OwnFault of a formatted error.
func OwnFaultf(format string, args ...any) error { return &ownFault{fmt.Errorf(format, args...)} }

type ownFault struct{ error }

func (o *ownFault) Unwrap() error { return o.error }

// IsOwnFault reports whether err is polyhealth's own fault: marked by OwnFault,
// or one of the errors by which this machine says that it has run out.
func IsOwnFault(err error) bool {
	var own *ownFault
	if errors.As(err, &own) {
		return true
	}
	for _, e := range []error{
		syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS,
		syscall.EADDRNOTAVAIL, syscall.EAGAIN,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
