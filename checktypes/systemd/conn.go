package systemd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/godbus/dbus/v5"
)

// window is how many calls of all checks may wait for an answer at once. A message
// bus refuses more than 128 of one connection, and with fewer the socket's buffer
// always takes what is sent, so that a bus that stands still blocks nobody.
const window = 64

// A conn is one working connection to systemd. It is safe for concurrent use.
type conn struct {
	socket net.Conn
	bus    *dbus.Conn
	slots  chan struct{} // a token for each call that is on its way
	direct bool          // there is no bus between
}

// dial connects, says who we are, and makes sure that systemd answers.
func dial(ctx context.Context, a address) (*conn, error) {
	var d net.Dialer
	socket, err := d.DialContext(ctx, "unix", a.socket)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.socket, cause(err))
	}
	// Handshakes know no context: it ends them through the socket.
	stop := context.AfterFunc(ctx, func() { _ = socket.SetDeadline(time.Unix(1, 0)) })
	c := &conn{socket: socket, slots: make(chan struct{}, window), direct: a.direct}
	if err = c.shakeHands(a); err == nil && !stop() {
		err = ctx.Err()
	}
	if err != nil {
		stop()
		c.close()
		return nil, fmt.Errorf("%s: %w", a.socket, cause(err))
	}
	return c, nil
}

// stream is what godbus reads and writes. Closing it must not wait for a writer.
type stream struct {
	io.Reader
	io.WriteCloser
}

func (c *conn) shakeHands(a address) (err error) {
	c.bus, err = dbus.NewConn(stream{bufio.NewReader(c.socket), c.socket})
	if err != nil {
		return err
	}
	uid := strconv.Itoa(os.Geteuid())
	if err := c.bus.Auth([]dbus.Auth{dbus.AuthExternal(uid)}); err != nil {
		return err
	}
	if !a.direct {
		if err := c.bus.Hello(); err != nil {
			return err
		}
	}
	if err := c.greet(); err != nil {
		return fmt.Errorf("systemd is not on this bus: %w", cause(err))
	}
	return nil
}

// greet asks systemd for its version, again and again until it answers: what comes
// right behind the handshake, systemd's own socket reads along with it, and leaves
// lying until something else comes.
func (c *conn) greet() error {
	answered := make(chan *dbus.Call, 64)
	for pause := 10 * time.Millisecond; ; pause *= 2 {
		c.bus.Object(destination, managerPath).Go("org.freedesktop.DBus.Properties.Get",
			dbus.FlagNoAutoStart, answered, manager, "Version")
		select {
		case a := <-answered:
			return a.Err
		case <-time.After(pause):
		}
	}
}

// close ends the connection and all calls on it. The socket goes first: godbus
// waits for a writer that the socket may be holding.
func (c *conn) close() {
	_ = c.socket.Close()
	if c.bus != nil {
		_ = c.bus.Close()
	}
}

// alive reports whether the other side has not hung up, as far as is known.
func (c *conn) alive() bool { return c.bus.Connected() }

// A call is a question to systemd, and what to do with its answer.
type call struct {
	path   dbus.ObjectPath
	method string
	args   []any
	answer func(*dbus.Call) error
}

// do sends all calls, as far as possible at once, waits for all answers, and then
// hands them on, in order, in the caller's goroutine. It returns when ctx ends.
func (c *conn) do(ctx context.Context, calls []call) error {
	all := make(chan []*dbus.Call, 1)
	go func() { all <- c.exchange(ctx, calls) }()
	select {
	case answers := <-all:
		return hand(answers, calls)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func hand(answers []*dbus.Call, calls []call) error {
	for i, a := range answers {
		if isLost(a.Err) {
			return fmt.Errorf("%w: %w", errLost, cause(a.Err))
		}
		if err := calls[i].answer(a); err != nil {
			return err
		}
	}
	if len(answers) < len(calls) { // ctx ended as the last answer came
		return context.Canceled
	}
	return nil
}

// exchange sends calls while there is room in the window. After ctx has ended it
// sends no more, and stays only to free the window of what is still on its way:
// the answers come, or the connection breaks.
func (c *conn) exchange(ctx context.Context, calls []call) []*dbus.Call {
	answered := make(chan *dbus.Call, len(calls))
	sent := make([]*dbus.Call, 0, len(calls))
	waiting := 0
	for len(sent) < len(calls) && ctx.Err() == nil {
		select {
		case c.slots <- struct{}{}:
			q := calls[len(sent)]
			sent = append(sent, c.bus.Object(destination, q.path).Go(q.method, 0, answered, q.args...))
			waiting++
		case <-answered:
			<-c.slots
			waiting--
		case <-ctx.Done():
		}
	}
	for ; waiting > 0; waiting-- {
		<-answered
		<-c.slots
	}
	return sent
}

// errLost marks that an answer will not come because the connection, or systemd's
// own to the bus, broke.
var errLost = errors.New("the connection broke")

// isLost reports whether err means that asking again over a new connection is
// worth it.
func isLost(err error) bool {
	var answered dbus.Error
	if errors.As(err, &answered) {
		switch answered.Name {
		case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Disconnected",
			"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner":
			return true
		}
		return false
	}
	return errors.Is(err, errLost) || errors.Is(err, dbus.ErrClosed) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// cause is err without the names that Go's libraries put before it.
func cause(err error) error {
	var number syscall.Errno
	switch {
	// Whether the end is read or written into first is chance.
	case errors.Is(err, io.EOF), errors.Is(err, dbus.ErrClosed), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET):
		return errors.New("the other side hung up")
	case errors.As(err, &number):
		return number
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("no answer")
	}
	return err
}
