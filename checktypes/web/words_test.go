package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes"
)

func TestExplain(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}
	dial := func(errno syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: os.NewSyscallError("connect", errno)}
	}
	cases := []struct {
		err  error
		want string
		own  bool
	}{
		{dial(syscall.ECONNREFUSED), "connection refused by 192.0.2.1:80", false},
		{dial(syscall.EHOSTUNREACH), "no route to 192.0.2.1:80", false},
		{dial(syscall.ENETUNREACH), "the network of 192.0.2.1:80 is unreachable", false},
		{dial(syscall.ETIMEDOUT), "192.0.2.1:80 does not answer: connection timed out", false},
		{dial(syscall.EACCES), "cannot connect to 192.0.2.1:80: permission denied", false},
		{dial(syscall.EMFILE), "cannot open a connection: too many open files", true},
		{dial(syscall.EADDRNOTAVAIL), "cannot connect to 192.0.2.1:80: cannot assign requested address", true},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(syscall.ECONNREFUSED)}, "cannot connect to the proxy: connection refused by 192.0.2.1:80", false},
		{&net.DNSError{Name: "a.example", Err: "no such host", Server: "192.0.2.53:53", IsNotFound: true}, "cannot resolve a.example: no such host", false},
		{&net.DNSError{Name: "a.example", Err: "server misbehaving", Server: "192.0.2.53:53"},
			"cannot resolve a.example: server misbehaving (name server 192.0.2.53:53)", false},
		{errors.New("net/http: HTTP/1.x transport connection broken: odd"), "odd", false},
	}
	for _, c := range cases {
		got := Explain(c.err)
		if got.Error() != c.want || checktypes.IsOwnFault(got) != c.own {
			t.Errorf("%v is explained as %q (own fault: %v), want %q (%v)", c.err, got, checktypes.IsOwnFault(got), c.want, c.own)
		}
		root := c.err
		for errors.Unwrap(root) != nil {
			root = errors.Unwrap(root)
		}
		if !errors.Is(got, root) {
			t.Errorf("%q has lost its cause", got)
		}
	}
}

func TestEnded(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	late, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	cases := []struct {
		ctx   context.Context
		doing string
		want  string
	}{
		{context.Background(), "connecting", ""},
		{cancelled, "connecting", "cancelled connecting"},
		{cancelled, "", "cancelled"},
		{late, "connecting", "timed out after 10s connecting"},
		{late, "", "timed out after 10s"},
	}
	for _, c := range cases {
		got := ""
		if err := Ended(c.ctx, 10*time.Second, c.doing); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v %q ended as %q, want %q", c.ctx, c.doing, got, c.want)
		}
	}
	if err := Ended(late, time.Second, ""); !errors.Is(err, checktypes.ErrTimeout) {
		t.Errorf("%v is no timeout", err)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{1000: "1000 bytes", 1024: "1 KiB", 1 << 20: "1 MiB", 3 << 29: "1536 MiB", 1 << 30: "1 GiB"} {
		if got := Size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// TestUnansweredIsShort cuts what a server says in place of HTTP.
func TestUnansweredIsShort(t *testing.T) {
	err := Unanswered(fmt.Errorf("malformed HTTP response %q", strings.Repeat("x", 10_000)))
	if n := len(err.Error()); n > 300 {
		t.Errorf("the message has %d bytes", n)
	}
}
