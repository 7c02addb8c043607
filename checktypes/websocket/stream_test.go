package websocket

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	ws "github.com/coder/websocket"

	"polyhealth/checktypes"
)

// brisk is a pace that a test can wait for.
var brisk = pace{
	ping: 50 * time.Millisecond, pong: 200 * time.Millisecond, apart: 10 * time.Millisecond,
	firstPause: 10 * time.Millisecond, longPause: 50 * time.Millisecond, steady: time.Hour,
}

// streaming is a stream of url at a pace of its own, closed with the test.
func streaming(t *testing.T, url string, p pace, a asking) *stream {
	t.Helper()
	change := a.change
	a.change = func(c *Config) {
		c.Mode = "stream"
		if change != nil {
			change(c)
		}
	}
	c := a.config(url)
	d, err := newDialer(c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(d, wantsOf(c, a.env(t)), a.deadline(), p)
	t.Cleanup(func() { s.Close() })
	return s
}

// until probes again and again until good is content with what a probe says.
func until(t *testing.T, s *stream, good func(v Vars, err error) bool) Vars {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		v, err := asking{}.probe(t, s)
		if good(v, err) {
			return v
		}
		if time.Now().After(deadline) {
			t.Fatalf("it never came to what was expected: %+v, %v", v, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestStream(t *testing.T) {
	more := make(chan string)
	var gone atomic.Bool // it goes away once
	url := wsURL(serving(t, func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		_, hello, _ := c.Read(ctx)
		c.Write(ctx, ws.MessageText, hello)
		if gone.Load() {
			listens(ctx, c, r)
			return
		}
		go listens(ctx, c, r)
		for text := range more {
			c.Write(ctx, ws.MessageText, []byte(text))
		}
		gone.Store(true)
		c.Close(ws.StatusGoingAway, "bye")
	}))
	s := streaming(t, url, brisk, asking{change: func(c *Config) { c.Send = Messages{"subscribe"} }, reads: []string{"messages", "ping"}})
	v, err := asking{}.probe(t, s)
	if err != nil || !v.Connected || v.MessageCount != 1 || v.Message != "subscribe" || v.SubscriptionCount != 1 || v.Ping <= 0 {
		t.Fatalf("the first probe: %+v, %v", v, err)
	}
	for i := range 20 {
		more <- fmt.Sprint(i)
	}
	v = until(t, s, func(v Vars, err error) bool { return v.MessageCount == 21 })
	if got := strings.Join(v.Messages, " "); got != "10 11 12 13 14 15 16 17 18 19" || v.Message != "19" {
		t.Errorf("the last messages are %q and %q", got, v.Message)
	}
	if v.Rate < 1 || v.Rate > 21 || v.LastMessageAge < 0 || v.LastMessageAge > 5*time.Second || v.Reconnects != 0 {
		t.Errorf("after 21 messages: %+v", v)
	}
	close(more)
	v = until(t, s, func(v Vars, err error) bool { return v.Reconnects > 0 && v.Connected })
	if v.CloseCode != 1001 || v.MessageCount < 21 {
		t.Errorf("after the server went away: %+v", v)
	}
}

// TestReconnect loses the connection in several ways and wants it back, subscribed
// anew.
func TestReconnect(t *testing.T) {
	ways := map[string]func(context.Context, *ws.Conn){
		"closing frame": func(_ context.Context, c *ws.Conn) { c.Close(1012, "") },
		"hang-up":       func(_ context.Context, c *ws.Conn) { c.CloseNow() },
		"huge message":  func(ctx context.Context, c *ws.Conn) { c.Write(ctx, ws.MessageText, make([]byte, 2<<20)) },
	}
	for name, lose := range ways {
		t.Run(name, func(t *testing.T) {
			var connections, subscriptions atomic.Int32
			url := wsURL(serving(t, func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
				n := connections.Add(1)
				for range 2 {
					if _, _, err := c.Read(ctx); err != nil {
						return
					}
					subscriptions.Add(1)
				}
				c.Write(ctx, ws.MessageText, []byte("data"))
				if n < 3 {
					lose(ctx, c)
				}
				listens(ctx, c, r)
			}))
			s := streaming(t, url, brisk, asking{change: func(c *Config) { c.Send = Messages{"a", "b"} }})
			v := until(t, s, func(v Vars, err error) bool { return v.Reconnects == 2 && v.MessageCount == 3 && v.Connected })
			if v.SubscriptionCount != 2 || subscriptions.Load() != 6 {
				t.Errorf("subscription_count is %d of %d sent, want 2 of 6", v.SubscriptionCount, subscriptions.Load())
			}
		})
	}
}

// TestServerDown says why there is no connection, then and until there is one.
func TestServerDown(t *testing.T) {
	address := refused(t)
	s := streaming(t, "ws://"+address, brisk, asking{change: func(c *Config) { c.Send = Messages{"a"} }})
	v, err := asking{}.probe(t, s)
	expect(t, err, "not connected: connection refused by "+address)
	if v.Connected || checktypes.IsOwnFault(err) {
		t.Errorf("connected %v, own fault %v", v.Connected, checktypes.IsOwnFault(err))
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skip("the port was taken meanwhile") // by another process
	}
	defer l.Close()
	ctx, stop := context.WithCancel(t.Context())
	server := &nethttp.Server{Handler: nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if c, err := ws.Accept(w, r, nil); err == nil {
			listens(ctx, c, r)
			c.CloseNow()
		}
	})}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	v = until(t, s, func(v Vars, err error) bool { return err == nil })
	if v.Reconnects != 0 || v.SubscriptionCount != 1 {
		t.Errorf("the first connection counts as %d reconnects with %d subscriptions", v.Reconnects, v.SubscriptionCount)
	}
	server.Close()
	<-served
	stop()
	until(t, s, func(v Vars, err error) bool {
		return err != nil && !v.Connected && v.SubscriptionCount == 0 && strings.HasPrefix(err.Error(), "not connected: ")
	})
}

// TestHalfOpen loses the peer without a word: packets just stop. Only probes ask
// for pings here.
func TestHalfOpen(t *testing.T) {
	var connections, swallow atomic.Int32
	server := serving(t, func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		connections.Add(1)
		listens(ctx, c, r)
	})
	address := raw(t, func(c net.Conn, in *bufio.Reader) {
		there, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			return
		}
		defer there.Close()
		go func() {
			io.Copy(c, there)
			c.Close()
		}()
		buffer := make([]byte, 4096)
		for {
			n, err := in.Read(buffer)
			if err != nil {
				return
			}
			if swallow.Load() == 0 {
				there.Write(buffer[:n])
			}
		}
	})
	asked := brisk
	asked.ping = time.Hour
	s := streaming(t, "ws://"+address, asked, asking{reads: []string{"ping"}})
	if _, err := (asking{}).probe(t, s); err != nil {
		t.Fatal(err)
	}
	swallow.Store(1)
	until(t, s, func(v Vars, err error) bool {
		return err != nil && strings.Contains(err.Error(), "no pong within 200ms")
	})
	swallow.Store(0)
	until(t, s, func(v Vars, err error) bool { return err == nil && v.Reconnects >= 1 })
}

// TestNoPongButMessages stays connected to a server that sends and never answers a
// ping.
func TestNoPongButMessages(t *testing.T) {
	url := rawURL(t, upgraded(func(c net.Conn, in *bufio.Reader) {
		go io.Copy(io.Discard, in)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := c.Write([]byte{0x81, 1, 'x'}); err != nil {
				return
			}
		}
	}))
	s := streaming(t, url, brisk, asking{})
	v := until(t, s, func(v Vars, err error) bool { return v.MessageCount > 40 }) // some 800 ms, four pongs
	if v.Reconnects != 0 || !v.Connected {
		t.Errorf("it reconnected: %+v", v)
	}
}

// TestStreamCloses ends a stream with a closing frame.
func TestStreamCloses(t *testing.T) {
	code := make(chan ws.StatusCode, 1)
	url := wsURL(serving(t, func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		_, _, err := c.Read(ctx)
		code <- ws.CloseStatus(err)
	}))
	s := streaming(t, url, brisk, asking{})
	if _, err := (asking{}).probe(t, s); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if got := <-code; got != ws.StatusNormalClosure {
		t.Errorf("the server saw %v", got)
	}
}

// TestProbesDoNotConnect counts connections over several probes.
func TestProbesDoNotConnect(t *testing.T) {
	var connections atomic.Int32
	server := serving(t, func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		connections.Add(1)
		listens(ctx, c, r)
	})
	s := streaming(t, wsURL(server), usualPace(), asking{})
	for range 5 {
		if _, err := (asking{}).probe(t, s); err != nil {
			t.Fatal(err)
		}
	}
	s.Close() // answered by the server, which has counted by then
	if n := connections.Load(); n != 1 {
		t.Errorf("five probes made %d connections", n)
	}
}

// TestSteadyConnections does not pause longer and longer between connections that
// were no failures.
func TestSteadyConnections(t *testing.T) {
	p := brisk
	p.firstPause, p.longPause, p.steady = time.Millisecond, time.Hour, 0
	s := streaming(t, wsURL(serving(t, closes(1001, ""))), p, asking{})
	until(t, s, func(v Vars, err error) bool { return v.Reconnects >= 30 })
}

func TestPause(t *testing.T) {
	p := usualPace()
	for failures, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 7: time.Minute, 1000: time.Minute} {
		least, longest := time.Hour, time.Duration(0)
		for range 1000 {
			d := p.pause(failures)
			least, longest = min(least, d), max(longest, d)
		}
		if least < most/2 || longest > most || longest-least < most/4 {
			t.Errorf("after %d failures it pauses %v to %v, want %v to %v", failures, least, longest, most/2, most)
		}
	}
}

// TestMinute counts over made-up time.
func TestMinute(t *testing.T) {
	start := time.Unix(1_000_000_000, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	cases := []struct {
		name   string
		events []float64
		now    float64
		want   float64
	}{
		{"nothing", nil, 100, 0},
		{"at once", []float64{0, 0, 0}, 0, 3},
		{"young", []float64{1, 2, 3, 4, 5}, 10, 0.5},
		{"a minute", seq(0, 60, 2), 59.9, 0.5},
		{"the last minute only", seq(0, 600, 1), 600, 1},
		{"a silent minute", seq(0, 60, 1), 121, 0},
		{"after an hour's silence", append(seq(0, 60, 1), 3600, 3600.5), 3601, 2.0 / 60},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var m minute
			for _, e := range c.events {
				m.add(at(e))
			}
			if got := m.rate(at(c.now), start); got < c.want*0.98 || got > c.want*1.02 {
				t.Errorf("rate is %v, want %v", got, c.want)
			}
		})
	}
}

func seq(from, to, step float64) (s []float64) {
	for x := from; x < to; x += step {
		s = append(s, x)
	}
	return s
}

// TestFactsAge is last_message_age over made-up time and two connections.
func TestFactsAge(t *testing.T) {
	start := time.Unix(1_000_000_000, 0)
	var f facts
	age := func(after time.Duration) time.Duration {
		var v Vars
		f.fill(&v, start.Add(after))
		return v.LastMessageAge
	}
	f.up(start, "", 0)
	if got := age(5 * time.Second); got != 5*time.Second {
		t.Errorf("before any message its age is %v, want that of the connection", got)
	}
	f.message(start.Add(10*time.Second), "x", wants{})
	f.down(verdict("gone"))
	f.up(start.Add(20*time.Second), "", 0)
	if got := age(30 * time.Second); got != 20*time.Second {
		t.Errorf("over a reconnect its age is %v, want 20s", got)
	}
}

func TestJudgeAndSummary(t *testing.T) {
	cases := []struct {
		mode string
		v    Vars
		want string
	}{
		{"connect", Vars{Connected: true, Ping: 3 * time.Millisecond}, "connected, ping 3ms"},
		{"connect", Vars{Connected: true}, "connected"},
		{"stream", Vars{Connected: true}, "connected, no message yet"},
		{"stream", Vars{Connected: true, MessageCount: 1, LastMessageAge: 1500 * time.Microsecond}, "connected, 1 message, last 1.5ms ago"},
		{"stream", Vars{Connected: true, MessageCount: 42, LastMessageAge: 2345 * time.Millisecond}, "connected, 42 messages, last 2s ago"},
		{"stream", Vars{}, "not connected"},
	}
	for _, c := range cases {
		if got := summary(&Config{Mode: c.mode}, &c.v); got != c.want {
			t.Errorf("%+v is described as %q, want %q", c.v, got, c.want)
		}
	}
}
