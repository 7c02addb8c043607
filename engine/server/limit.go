package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// crowd bounds the connections over TCP, whatever clients do: file descriptors
// must remain for probes. When it is full, the connection that has been waiting
// longest without a request in the works is closed for the new one, so that idle
// and dawdling clients keep nobody out.
type crowd struct {
	limit int
	mu    sync.Mutex
	in    map[*guest]struct{}
	over  bool // nobody is let in any more
}

// A guest is a connection of the crowd.
type guest struct {
	net.Conn
	crowd *crowd
	busy  bool      // a request is being answered; guarded by crowd.mu
	since time.Time // of the last change of busy
}

func newCrowd(limit int) *crowd { return &crowd{limit: limit, in: map[*guest]struct{}{}} }

// listen makes what l accepts part of the crowd.
func (c *crowd) listen(l net.Listener) net.Listener { return &door{l, c} }

type door struct {
	net.Listener
	crowd *crowd
}

// tooMany is sent where every connection is at work.
const tooMany = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := d.crowd.admit(conn); g != nil {
			return g, nil
		}
		_ = conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.WriteString(conn, tooMany)
		_ = conn.Close()
	}
}

// admit lets a connection in, or returns nil where no other can be let go.
func (c *crowd) admit(conn net.Conn) *guest {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.in) >= c.limit {
		out := c.idlest()
		if out == nil {
			return nil
		}
		delete(c.in, out)
		_ = out.Conn.Close()
	}
	if c.over {
		return nil
	}
	g := &guest{Conn: conn, crowd: c, since: time.Now()}
	c.in[g] = struct{}{}
	return g
}

// idlest is the connection that waits longest for a request, or nil.
func (c *crowd) idlest() *guest {
	var oldest *guest
	for g := range c.in {
		if !g.busy && (oldest == nil || g.since.Before(oldest.since)) {
			oldest = g
		}
	}
	return oldest
}

// dismiss lets nobody in any more and closes every connection that waits for a
// request. (http.Server does so by itself only with those that have had one.)
func (c *crowd) dismiss() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	for g := range c.in {
		if !g.busy {
			delete(c.in, g)
			_ = g.Conn.Close()
		}
	}
}

// Close takes the connection out of the crowd.
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	delete(g.crowd.in, g)
	g.crowd.mu.Unlock()
	return g.Conn.Close()
}

func (g *guest) work(busy bool) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.busy, g.since = busy, time.Now()
}

type guestKey struct{}

// remember lets requests know their guest.
func remember(ctx context.Context, conn net.Conn) context.Context {
	if g, ok := conn.(*guest); ok {
		return context.WithValue(ctx, guestKey{}, g)
	}
	return ctx
}

// mind keeps the connections of requests that next answers.
func (c *crowd) mind(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g, ok := r.Context().Value(guestKey{}).(*guest); ok {
			g.work(true)
			defer g.work(false)
		}
		next.ServeHTTP(w, r)
	})
}
