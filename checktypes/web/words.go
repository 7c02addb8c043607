package web

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"polyhealth/checktypes"
	"polyhealth/checktypes/tlsconf"
)

// A said error has a person's words and the cause behind them, so that
// errors.Is still finds an errno.
type said struct {
	text  string
	cause error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.cause }

// Say is an error that reads as text and unwraps to cause.
func Say(text string, cause error) error { return &said{text, cause} }

// Ended is the error of a probe whose context ended, by its deadline or because it
// was cancelled, while it was doing what doing says; nil where ctx lives on. after
// is the probe's deadline.
func Ended(ctx context.Context, after time.Duration, doing string) error {
	deadline, has := ctx.Deadline()
	switch err := ctx.Err(); {
	case errors.Is(err, context.DeadlineExceeded), err == nil && has && !time.Now().Before(deadline):
		return checktypes.Timeout(after, doing)
	case err != nil:
		return Say(strings.TrimSpace("cancelled "+doing), err)
	}
	return nil
}

// Explain is err, which came from dialing a peer or talking to it, in the user's
// words: "connection refused by 127.0.0.1:8080". What it does not know it returns
// with as few words of Go as can be.
func Explain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		inner := Explain(op.Err)
		return Say("cannot connect to the proxy: "+inner.Error(), inner)
	}
	if text := tlsconf.Explain(err, time.Now()); text != "" {
		return Say(text, err)
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return explainDNS(dns, err)
	}
	if text := explainErrno(err, peer(op)); text != "" {
		return Say(text, err)
	}
	return Say(plain(err), err)
}

// explainDNS words a failed look-up. The resolver says "no such host" too where it
// cannot open its own files.
func explainDNS(dns *net.DNSError, err error) error {
	text := "cannot resolve " + dns.Name + ": "
	if own := noFilesLeft(); own != nil {
		return Say(text+own.Error(), own)
	}
	text += dns.Err
	if !dns.IsNotFound && dns.Server != "" && !strings.Contains(text, dns.Server) {
		text += " (name server " + dns.Server + ")"
	}
	return Say(text, err)
}

// noFilesLeft is the errno by which this process cannot open the few files that a
// look-up takes, or nil.
func noFilesLeft() error {
	for range 3 {
		fd, err := syscall.Open("/", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
	}
	return nil
}

func explainErrno(err error, peer string) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return ""
	}
	switch errno {
	case syscall.ECONNREFUSED:
		return "connection refused by " + peer
	case syscall.ECONNRESET, syscall.EPIPE:
		return "connection reset by " + peer
	case syscall.EHOSTUNREACH:
		return "no route to " + peer
	case syscall.ENETUNREACH:
		return "the network of " + peer + " is unreachable"
	case syscall.ETIMEDOUT:
		return peer + " does not answer: connection timed out"
	case syscall.EMFILE, syscall.ENFILE:
		return "cannot open a connection: " + errno.Error()
	}
	return "cannot connect to " + peer + ": " + errno.Error()
}

// peer is the address of the other end.
func peer(op *net.OpError) string {
	if op == nil || op.Addr == nil {
		return "the server"
	}
	return op.Addr.String()
}

// plain is err's text without the names of packages and of what was called.
func plain(err error) string {
	text := err.Error()
	for _, noise := range []string{"net/http: ", "http: ", "HTTP/1.x transport connection broken: ", "http2: "} {
		text = strings.TrimPrefix(text, noise)
	}
	return text
}
