package systemd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"polyhealth/checktypes"
)

// listen makes a socket that serve is called with each connection of.
func listen(t *testing.T, serve func(net.Conn)) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return path
}

// silent reads what it is sent, and never answers.
func silent(c net.Conn) {
	for b := make([]byte, 4096); ; {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}

// hangUp closes the connection once something was said.
func hangUp(c net.Conn) { _, _ = c.Read(make([]byte, 4096)) }

func TestNoConnection(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "bus")
	for _, c := range []struct {
		name, socket, want string
	}{
		{"missing", missing, ""}, // what it says depends on whether systemd runs here
		{"silent", listen(t, silent), "no connection to the system bus: timed out after 200ms"},
		{"hanging up", "", "no connection to the system bus: %s: the other side hung up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.socket == "" {
				c.socket = listen(t, hangUp)
				c.want = fmt.Sprintf(c.want, c.socket)
			}
			t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+c.socket)
			err := probeOnce(t, Config{Unit: "x", Scope: system}, 200*time.Millisecond)
			if !checktypes.IsOwnFault(err) || !strings.HasPrefix(err.Error(), "no connection to the system bus: ") {
				t.Fatalf("the error is %v", err)
			}
			if c.want != "" && err.Error() != c.want {
				t.Errorf("the error is %q, want %q", err, c.want)
			}
		})
	}
}

// probeOnce opens, probes and closes a check, and returns the probe's error.
func probeOnce(t *testing.T, c Config, timeout time.Duration) error {
	t.Helper()
	p := opened(t, c, timeout, nil)
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	_, err := p.Run(ctx)
	return err
}

func opened(t *testing.T, c Config, timeout time.Duration, uses func(string) bool) checktypes.Probe {
	t.Helper()
	p, err := Type.Open(&c, checktypes.Env{Name: t.Name(), Timeout: timeout, Uses: uses, Shared: &checktypes.Shared{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestWindow sends more calls than the bus would take at once to a peer that
// answers none, and sees that they wait, end with the context, and end for good
// with the connection.
func TestWindow(t *testing.T) {
	got := make(chan struct{}, 1000)
	peer := listen(t, func(c net.Conn) {
		for {
			if _, err := dbus.DecodeMessage(c); err != nil {
				return
			}
			got <- struct{}{}
		}
	})
	socket, err := net.Dial("unix", peer)
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{socket: socket, slots: make(chan struct{}, window)}
	if c.bus, err = dbus.NewConn(socket); err != nil {
		t.Fatal(err)
	}
	defer c.close()

	calls := make([]call, 3*window)
	for i := range calls {
		calls[i] = get("/x", "org.example", "Y", new(string))
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- c.do(ctx, calls) }()
	for range window {
		<-got
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: %v", err)
	}
	if n := len(got); n > 0 {
		t.Errorf("%d calls more than %d were sent", n, window)
	}
	if n := len(c.slots); n != window {
		t.Errorf("%d calls are on their way, want %d", n, window)
	}
}

// TestAnswers looks at what becomes of each kind of answer.
func TestAnswers(t *testing.T) {
	refused := func(name string) error { return dbus.Error{Name: name, Body: []any{"for a reason"}} }
	for _, c := range []struct {
		err          error
		lost, absent bool
		words        string
	}{
		{dbus.ErrClosed, true, false, ""},
		{refused("org.freedesktop.DBus.Error.NoReply"), true, false, ""},
		{refused("org.freedesktop.DBus.Error.ServiceUnknown"), true, false, ""},
		{refused("org.freedesktop.DBus.Error.UnknownProperty"), false, true, ""},
		{refused("org.freedesktop.systemd1.NoSuchUnit"), false, true, ""},
		{refused("org.freedesktop.DBus.Error.AccessDenied"), false, false, "systemd refused to answer: for a reason"},
		{refused("org.freedesktop.DBus.Error.LimitsExceeded"), false, false, "systemd refused to answer: for a reason"},
		{errors.New("dbus.Store: type mismatch"), false, false, "systemd's answer was not understood: dbus.Store: type mismatch"},
	} {
		if got := isLost(c.err); got != c.lost {
			t.Errorf("%v: lost is %v", c.err, got)
		}
		if got := isAbsent(c.err); got != c.absent {
			t.Errorf("%v: absent is %v", c.err, got)
		}
		if c.words == "" {
			continue
		}
		if err := words(t.Context(), time.Second, c.err); err.Error() != c.words || !checktypes.IsOwnFault(err) {
			t.Errorf("%v: in words %q (own fault %v)", c.err, err, checktypes.IsOwnFault(err))
		}
	}
	none := words(t.Context(), time.Second, &noMatch{"a-*"})
	if none.Error() != "no unit matches a-*" || checktypes.IsOwnFault(none) {
		t.Errorf("no match in words: %q (own fault %v)", none, checktypes.IsOwnFault(none))
	}
}
