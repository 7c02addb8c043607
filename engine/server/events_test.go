package server

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"
)

// watcher is a client of the event stream.
type watcher struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	head string // the answer's status line and headers
}

func watch(t *testing.T, url string) *watcher {
	t.Helper()
	conn := dial(t, url)
	t.Cleanup(func() { conn.Close() })
	io.WriteString(conn, "GET /api/v1/events HTTP/1.0\r\n\r\n")
	w := &watcher{t: t, conn: conn, in: bufio.NewReader(conn)}
	for line := w.line(); line != ""; line = w.line() {
		w.head += line + "\n"
	}
	return w
}

func (w *watcher) line() string {
	w.t.Helper()
	line, err := w.in.ReadString('\n')
	if err != nil {
		w.t.Fatalf("the stream ended: %v after %q", err, line)
	}
	return strings.TrimRight(line, "\r\n")
}

// next returns the next event that is not a beat.
func (w *watcher) next() (event string, data map[string]any) {
	w.t.Helper()
	for {
		event, data = w.any()
		if event != "beat" {
			return event, data
		}
	}
}

func (w *watcher) any() (event string, data map[string]any) {
	w.t.Helper()
	for line := w.line(); line != ""; line = w.line() {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "event":
			event = value
		case "data":
			if err := json.Unmarshal([]byte(value), &data); err != nil {
				w.t.Fatalf("not JSON: %v: %s", err, value)
			}
		}
	}
	return event, data
}

func (b *broadcast) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.watchers)
}

func quickLimits() limits {
	l := usualLimits()
	l.tick, l.beat, l.watcher = 20*time.Millisecond, 30*time.Millisecond, 300*time.Millisecond
	return l
}

func TestEventsTellWhatChanged(t *testing.T) {
	v := newFakeView(component("a\nb", engine.Healthy), component("quiet", engine.Healthy), component("c", engine.Degraded))
	_, url := serve(t, v, Sources{}, quickLimits())
	w := watch(t, url)
	if !strings.HasPrefix(w.head, "HTTP/1.0 200") || !strings.Contains(w.head, "Content-Type: text/event-stream") {
		t.Errorf("the stream begins with %s", w.head)
	}
	if event, _ := w.next(); event != "hello" {
		t.Errorf("the first event is %s", event)
	}
	v.change("a\nb", func(c *engine.Component) { c.Status, c.Message = engine.Unhealthy, "line one\nline two\n\nevent: fake" })
	event, data := w.next()
	checks := data["checks"].([]any)
	if event != "changes" || len(checks) != 1 || data["status"] != "unhealthy" {
		t.Fatalf("%s: %v", event, data)
	}
	first := checks[0].(map[string]any)
	if first["name"] != "a\nb" || first["message"] != "line one\nline two\n\nevent: fake" || first["seq"] != 2.0 || first["type"] != "http" {
		t.Errorf("the change is told as %v", first)
	}
	if counts := data["counts"].(map[string]any); counts["healthy"] != 1.0 || counts["degraded"] != 1.0 || counts["unhealthy"] != 1.0 || counts["unknown"] != 0.0 {
		t.Errorf("the counts are %v", counts)
	}
	v.set(component("other", engine.Healthy))
	if event, _ := w.next(); event != "reset" {
		t.Errorf("other checks are told as %s", event)
	}
	v.change("other", func(c *engine.Component) { c.Failures = 1 })
	if event, _ := w.next(); event != "changes" {
		t.Errorf("after a reset comes %s", event)
	}
}

// Many changes between two ticks are one event that holds the last of each.
func TestEventsAreCoalesced(t *testing.T) {
	before, after := newFakeView(many(50)...), newFakeView()
	after.components = append([]*engine.Component(nil), before.components...)
	for i := range 1000 {
		after.change("service-00003", func(c *engine.Component) { c.Failures = i + 1 })
	}
	after.change("service-00049", func(*engine.Component) {})
	event := string(difference(before.components, after.components, unchanged))
	if n := strings.Count(event, `"name"`); n != 2 || !strings.Contains(event, `"consecutive_failures":1000`) {
		t.Errorf("%d checks are told of: %s", n, event)
	}
	if event := difference(after.components, after.components, unchanged); event != nil {
		t.Errorf("nothing changed, and told is %s", event)
	}
}

// unchanged redacts nothing.
func unchanged(s string) string { return s }

// A stream outlives the time limits of other requests, and beats.
func TestEventsGoOn(t *testing.T) {
	l := quickLimits()
	l.read, l.write, l.idle = 50*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	v := newFakeView(component("a", engine.Healthy))
	_, url := serve(t, v, Sources{}, l)
	w := watch(t, url)
	w.next()
	for begun := time.Now(); time.Since(begun) < 400*time.Millisecond; {
		if event, _ := w.any(); event != "beat" {
			t.Errorf("told is %s", event)
		}
	}
	v.change("a", func(*engine.Component) {})
	if event, _ := w.next(); event != "changes" {
		t.Errorf("after the beats comes %s", event)
	}
}

// A client that does not read is dropped, while others go on.
func TestSlowWatchersAreDropped(t *testing.T) {
	v := newFakeView(many(5000)...)
	s, url := serve(t, v, Sources{}, quickLimits())
	slow := dial(t, url)
	defer slow.Close()
	io.WriteString(slow, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
	until(t, "the slow one watches", func() bool { return s.events.size() == 1 })
	keen := watch(t, url)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, keen.in)
	}()
	until(t, "the slow one is dropped", func() bool {
		v.set(v.components...)
		return s.events.size() == 1
	})
	until(t, "the slow one's connection is closed", func() bool { return s.crowd.size() == 1 })
	select {
	case <-read:
		t.Error("the keen one was dropped too")
	default:
	}
	keen.conn.Close()
	<-read
	until(t, "nobody watches", func() bool {
		v.set(v.components...)
		return s.events.size() == 0
	})
	if s.events.ticking() {
		t.Error("the broadcast goes on for nobody")
	}
}

// Whoever misses an event is dropped, to connect again and read everything: what it
// knows would be wrong from then on.
func TestWatchersThatFallBehindAreDropped(t *testing.T) {
	b := &broadcast{view: newFakeView(), redact: func() func(string) string { return unchanged }, every: time.Hour, limit: 9}
	slow, keen := b.join(), b.join()
	defer b.leave(keen)
	for i := range behind + 1 {
		b.tell([]byte{byte(i)})
		<-keen
	}
	for i := range behind {
		if event, open := <-slow; !open || event[0] != byte(i) {
			t.Errorf("event %d is %v", i, event)
		}
	}
	select {
	case _, open := <-slow:
		if open {
			t.Error("it gets an event that it has no room for")
		}
	default:
		t.Error("it goes on with an event missing")
	}
	b.leave(slow)
}

func (b *broadcast) ticking() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.quit != nil
}

func TestTooManyWatchersAreRefused(t *testing.T) {
	l := quickLimits()
	l.watchers = 3
	s, url := serve(t, newFakeView(component("a", engine.Healthy)), Sources{}, l)
	var all []*watcher
	for range 3 {
		all = append(all, watch(t, url))
	}
	if r := get(t, url, "/api/v1/events"); r.code != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf("the fourth is answered %d", r.code)
	}
	all[1].conn.Close()
	until(t, "one has left", func() bool { return s.events.size() == 2 })
	if w := watch(t, url); !strings.Contains(w.head, " 200 ") {
		t.Errorf("after one has left, the next is answered %s", w.head)
	}
}
