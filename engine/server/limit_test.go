package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"polyhealth/engine"
)

// gone reports whether the other side has closed the connection, waiting for it
// until the connection's deadline.
func gone(conn net.Conn) bool {
	_, err := io.Copy(io.Discard, conn)
	var slow net.Error
	return !errors.As(err, &slow) || !slow.Timeout()
}

// Two thousand clients that say nothing keep nobody out, and no more of them are
// kept than the limit.
func TestIdleClientsKeepNobodyOut(t *testing.T) {
	s, url := serve(t, newFakeView(component("a", engine.Healthy)), Sources{}, usualLimits())
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	for range 2000 {
		idle = append(idle, dial(t, url))
	}
	begun := time.Now()
	if r := get(t, url, "/health"); r.code != 200 {
		t.Errorf("/health is %d", r.code)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("/health took %v", took)
	}
	if n := s.crowd.size(); n > 1024 {
		t.Errorf("%d connections are kept", n)
	}
	for i, c := range []net.Conn{idle[0], idle[1999]} {
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if closed := gone(c); closed != (i == 0) {
			t.Errorf("connection %d: closed %v; the longest idle should be closed first", i, closed)
		}
	}
}

func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.in)
}

// Requests under way are never cut off for new ones: those are refused instead,
// and told so.
func TestRequestsUnderWayAreNotCutOff(t *testing.T) {
	l := usualLimits()
	l.connections = 3
	release := make(chan struct{})
	from := Sources{History: func(context.Context, string, time.Time, time.Time) ([]Point, error) {
		<-release
		return nil, nil
	}}
	s, url := serve(t, newFakeView(component("a", engine.Healthy)), from, l)
	codes := make(chan int, 3)
	for range 3 {
		go func() { codes <- codeOf(url + "/api/v1/checks/a/history") }()
	}
	busy := func() (n int) {
		s.crowd.mu.Lock()
		defer s.crowd.mu.Unlock()
		for g := range s.crowd.in {
			if g.busy {
				n++
			}
		}
		return n
	}
	until(t, "three requests are under way", func() bool { return busy() == 3 })
	if r := get(t, url, "/health"); r.code != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf("the fourth is answered %d %v", r.code, r.header)
	}
	close(release)
	for range 3 {
		if code := <-codes; code != 200 {
			t.Errorf("one of the three is answered %d", code)
		}
	}
	until(t, "there is room again", func() bool { return get(t, url, "/health").code == 200 })
}

func TestDawdlersAreCutOff(t *testing.T) {
	l := usualLimits()
	l.header, l.read, l.idle = 300*time.Millisecond, 500*time.Millisecond, 400*time.Millisecond
	v := newFakeView(component("a", engine.Healthy))
	v.plan.Server.Token = "token"
	_, url := serve(t, v, Sources{Reload: new(reloader).reload}, l)
	for _, c := range []struct {
		name  string
		begin string
	}{
		{"one byte at a time", "GET /health HTTP/1.1\r\n"},
		{"headers without an end", "GET /health HTTP/1.1\r\nHost: x\r\nX: "},
		{"silence", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, url)
			defer conn.Close()
			io.WriteString(conn, c.begin)
			stop := make(chan struct{})
			defer close(stop)
			go func() {
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for c.begin != "" {
					select {
					case <-stop:
						return
					case <-tick.C:
						if _, err := io.WriteString(conn, "a"); err != nil {
							return
						}
					}
				}
			}()
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			if !gone(conn) {
				t.Error("it is still connected after five seconds")
			}
		})
	}
}

func TestHugeRequests(t *testing.T) {
	v := newFakeView(component("a", engine.Healthy))
	v.plan.Server.Token = "token"
	r := &reloader{}
	_, url := serve(t, v, Sources{Reload: r.reload}, usualLimits())
	big := strings.Repeat("x", 100<<10)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		code                     int
	}{
		{"a huge header", "GET", "/health", "", []string{"X: " + big}, 431},
		{"a huge path", "GET", "/health/" + big, "", nil, 431},
		{"a long name", "GET", "/health/" + big[:20<<10], "", nil, 404},
		{"many headers", "GET", "/health", "", []string{strings.Repeat("A: b\r\n", 20000) + "C: d"}, 431},
		{"a body that nobody wants", "GET", "/health", big, []string{"Content-Length: 102400"}, 200},
		{"a huge body", "POST", "/-/reload", big, []string{"Content-Length: 10000000000", "Authorization: Bearer token"}, 200},
		{"two lengths", "GET", "/health", "", []string{"Content-Length: 1", "Content-Length: 2"}, 400},
		{"no HTTP at all", "\x16\x03\x01", "/", "", nil, 400},
		{"a path that is no path", "GET", "/%zz", "", nil, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := dial(t, url)
			defer conn.Close()
			if got := askOver(t, conn, c.method, c.path, c.body, c.headers...); got.code != c.code {
				t.Errorf("%d, want %d", got.code, c.code)
			}
		})
	}
	if r := get(t, url, "/health"); r.code != 200 {
		t.Errorf("afterwards /health is %d", r.code)
	}
}

// wordy are components whose answer, of 16 MB, is more than the kernel holds for a
// client that does not read.
func wordy() []*engine.Component {
	all := many(4000)
	for _, c := range all {
		c.Message = strings.Repeat("word ", 800)
	}
	return all
}

// A client that asks and does not read holds a connection for as long as the limit
// of writing, and the answer no longer.
func TestClientsThatDoNotReadAreCutOff(t *testing.T) {
	l := usualLimits()
	l.write = 300 * time.Millisecond
	s, url := serve(t, newFakeView(wordy()...), Sources{}, l)
	var conns []net.Conn
	for range 20 {
		conn := dial(t, url)
		defer conn.Close()
		io.WriteString(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		conns = append(conns, conn)
	}
	if r := get(t, url, "/health/service-00000"); r.code != 200 {
		t.Errorf("meanwhile another is answered %d", r.code)
	}
	until(t, "they are cut off", func() bool { return s.crowd.size() == 0 })
	for _, conn := range conns {
		if n, err := io.Copy(io.Discard, conn); err != nil || n > 15<<20 {
			t.Errorf("a client got %d bytes: %v", n, err)
		}
	}
	until(t, "nobody still reads the answer", func() bool {
		s.overall.mu.Lock()
		defer s.overall.mu.Unlock()
		return len(s.overall.newest.readers) == 0
	})
}

// However many clients do not read, each since another change, only so many answers
// are held for them: those that hold the oldest are cut off.
func TestSlowClientsHoldOnlySoManyAnswers(t *testing.T) {
	v := newFakeView(wordy()...)
	s, url := serve(t, v, Sources{}, usualLimits())
	held := func() int {
		s.overall.mu.Lock()
		defer s.overall.mu.Unlock()
		return len(s.overall.held)
	}
	var conns []net.Conn
	for i := range maxHeld + 10 {
		conn := dial(t, url)
		defer conn.Close()
		io.WriteString(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		until(t, "it is being answered", func() bool { return v.rendered() == i+1 })
		v.change("service-00000", func(*engine.Component) {})
		conns = append(conns, conn)
	}
	until(t, "the oldest are let go", func() bool { return held() <= maxHeld })
	_ = conns[0].SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := io.Copy(io.Discard, conns[0]); err != nil || n == 0 || n > 15<<20 {
		t.Errorf("the first client got %d bytes: %v", n, err)
	}
	if r := get(t, url, "/health"); r.code != 503 { // degraded
		t.Errorf("a quick client is answered %d", r.code)
	}
}

// The address changes without a gap and without cutting anybody off.
func TestMovingToAnotherAddress(t *testing.T) {
	release := make(chan struct{})
	entered := make(chan struct{})
	from := Sources{History: func(context.Context, string, time.Time, time.Time) ([]Point, error) {
		close(entered)
		<-release
		return nil, nil
	}}
	s := New(newFakeView(component("a", engine.Healthy)), from)
	defer shutdown(t, s)
	old, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(old)
	_, err = Listen(old.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "cannot listen on "+old.Addr().String()+": another program listens there") {
		t.Errorf("taking the same address: %v", err)
	}
	under := make(chan int)
	go func() { under <- codeOf("http://" + old.Addr().String() + "/api/v1/checks/a/history") }()
	<-entered
	next, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(next)
	old.Close()
	if r := get(t, "http://"+next.Addr().String(), "/health"); r.code != 200 {
		t.Errorf("the new address answers %d", r.code)
	}
	if conn, err := net.Dial("tcp", old.Addr().String()); err == nil {
		conn.Close()
		t.Error("the old address still listens")
	}
	close(release)
	if code := <-under; code != 200 {
		t.Errorf("the request under way is answered %d", code)
	}
}

func TestListenSaysWhyNot(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:5051":    "cannot listen on 192.0.2.1:5051: this machine has no such address",
		"127.0.0.1:http-no": "cannot listen on 127.0.0.1:http-no: ",
		"nowhere":           "cannot listen on nowhere: ",
	} {
		if _, err := Listen(address); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Shutting down lets requests end, ends event streams at once, and leaves nothing
// behind.
func TestShutdownLeavesNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l := usualLimits()
	l.tick = 10 * time.Millisecond
	release, entered := make(chan struct{}), make(chan struct{})
	s := newServer(newFakeView(component("a", engine.Healthy)), Sources{History: func(context.Context, string, time.Time, time.Time) ([]Point, error) {
		close(entered)
		<-release
		return nil, nil
	}}, l)
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(listener)
	url := "http://" + listener.Addr().String()
	var clients sync.WaitGroup
	clients.Go(func() {
		if code := codeOf(url + "/api/v1/checks/a/history"); code != 200 {
			t.Errorf("the request under way is answered %d", code)
		}
	})
	clients.Go(func() { codeOf(url + "/api/v1/events") })
	<-entered
	until(t, "somebody watches", func() bool { return s.events.size() == 1 })
	idle := dial(t, url)
	defer idle.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		shutdown(t, s)
	}()
	until(t, "the stream ends", func() bool { return s.events.size() == 0 })
	close(release)
	<-ended
	clients.Wait()
	if _, err := http.Get(url); err == nil {
		t.Error("it still answers")
	}
	s.Serve(listener) // too late, and harmless
	s.serving.Wait()
}

func TestShutdownCutsOffWhatTakesTooLong(t *testing.T) {
	entered := make(chan struct{})
	s, url := serve(t, newFakeView(component("a", engine.Healthy)), Sources{History: func(ctx context.Context, _ string, _, _ time.Time) ([]Point, error) {
		close(entered)
		<-ctx.Done()
		return nil, ctx.Err()
	}}, usualLimits())
	conn := dial(t, url)
	defer conn.Close()
	io.WriteString(conn, "GET /api/v1/checks/a/history HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	if !gone(conn) {
		t.Error("the client is still connected")
	}
}
