package cli

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// pages answers the homepage and the API of website.yaml.
func pages(code int, home, api string) *http.HandlerFunc {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		switch {
		case r.URL.Path == "/":
			fmt.Fprint(w, home)
		case r.URL.Path == "/api/status" && r.Header.Get("Accept") == "application/json":
			fmt.Fprint(w, api)
		}
	})
	return &answer
}

var goodPages = pages(200, "<h1>Example Domain</h1>", `{"state": "ok", "queue": 3}`)

func TestExampleWebsite(t *testing.T) {
	s := newSite(t, *goodPages)
	e := s.visit(exampleOf(t, "website.yaml"))
	found := e.finds("homepage healthy 200 in .*", "api healthy 200 in .*")
	if days := value[int](t, found["homepage"], "certificate_days"); days != 90 {
		t.Errorf("the certificate is good for %d days, want 90", days)
	}
	if queue := value[int](t, found["api"], "queue"); queue != 3 {
		t.Errorf("%d in the queue, want 3", queue)
	}

	for answer, want := range map[string]string{
		`{"state": "ok", "queue": 101}`:   "api degraded 200 in .*",
		`{"state": "down", "queue": 101}`: "api unhealthy 200 in .*",
		`{"queue": 3}`:                    "api unknown the unhealthy rule .* failed: .*state.*",
		`{"state": "ok", "queue": null}`:  "api unknown the degraded rule .* failed: .*",
		`all is well`:                     "api unhealthy .*JSON.*",
	} {
		s.answer.Store(pages(200, "<h1>Parked</h1>", answer))
		e.finds("homepage unhealthy 200 in .*", want)
	}
	s.answer.Store(pages(503, "<h1>Example Domain</h1>", "Sorry"))
	e.finds("homepage unhealthy 503 in .*", "api unhealthy .*503.*")
	s.answer.Store(pages(503, "<h1>Example Domain</h1>", `{"state": "ok", "queue": 3}`))
	e.finds("homepage unhealthy 503 in .*", "api unhealthy 503 in .*")
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(1100 * time.Millisecond) // what the rule calls slow
		goodPages.ServeHTTP(w, r)
	})
	s.answer.Store(&slow)
	e.finds("homepage degraded 200 in .*")
	s.Close()
	e.finds("homepage unhealthy .*connection refused.*", "api unhealthy .*connection refused.*")
}

func TestExampleWebsiteCertificate(t *testing.T) {
	s := newSite(t, *goodPages)
	e := s.visit(exampleOf(t, "website.yaml"))
	s.certify(t, 13)
	e.finds("homepage degraded 200 in .*", "api healthy 200 in .*")
	s.certify(t, -1)
	e.finds("homepage unhealthy .*certificate.*expired.*", "api unhealthy .*certificate.*expired.*")
	s.certify(t, 15)
	e.finds("homepage healthy 200 in .*", "api healthy 200 in .*")
	e.env = nil
	e.finds("homepage unhealthy .*certificate.*", "api unhealthy .*certificate.*")
}

// A feed is what feed.yaml is about: prices for whom subscribes, and an echo.
type feed struct {
	mute   atomic.Bool   // it says nothing
	silent atomic.Bool   // it says one thing
	wrong  atomic.Bool   // in what it echoes
	cut    chan struct{} // what is received here ends one connection
}

func (f *feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	_, heard, err := c.Read(r.Context())
	if err != nil {
		return
	}
	if r.URL.Path == "/echo" {
		if f.wrong.Load() {
			heard = []byte("what?")
		}
		_ = c.Write(r.Context(), websocket.MessageText, heard)
		_, _, _ = c.Read(r.Context()) // until it ends
		return
	}
	if string(heard) != `{"type": "subscribe", "channel": "prices"}` {
		return
	}
	ctx := c.CloseRead(r.Context())
	for i := 0; ; i++ {
		if !f.mute.Load() && (i == 0 || !f.silent.Load()) {
			_ = c.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"price": %d}`, i))
		}
		select {
		case <-ctx.Done():
			return
		case <-f.cut:
			return
		case <-time.After(50 * time.Millisecond): // the pace of prices
		}
	}
}

func TestExampleFeed(t *testing.T) {
	f := &feed{cut: make(chan struct{})}
	s := newSite(t, f.ServeHTTP)
	e := s.visit(exampleOf(t, "feed.yaml"))
	found := e.finds("feed healthy connected, [0-9]+ messages?, last .* ago", "echo healthy answered hello")
	if n := value[int](t, found["feed"], "messages"); n < 1 {
		t.Errorf("%d messages came", n)
	}
	f.wrong.Store(true)
	e.finds("feed healthy connected, .*", `echo unhealthy answered what\?`)
	f.mute.Store(true)
	e.edit("interval: 10s", "interval: 1s\n    timeout: 1s")
	e.finds("feed unhealthy .*waiting for 1 message.*")

	f.mute.Store(false)
	e.edit(`"60s"`, `"3s"`)
	p := e.start()
	p.reports("feed healthy connected, .*")
	f.silent.Store(true)
	f.cut <- struct{}{}
	r := p.reports("feed degraded connected, [0-9]+ messages?, last .* ago")
	if n := value[int](t, r, "reconnects"); n < 1 {
		t.Errorf("%d reconnects after the connection was cut", n)
	}
	s.Close()
	f.cut <- struct{}{}
	p.reports("feed unhealthy not connected: .*connection refused.*")
	e.finds("feed unhealthy .*connection refused.*", "echo unhealthy .*connection refused.*")
}

// What is looked back at is what the daemon found before: a value that grows, a text that
// changes, a status that was.
func TestExampleTrends(t *testing.T) {
	var grows atomic.Bool
	var answers, queue atomic.Int64
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		n := answers.Load()
		if grows.Load() {
			n = answers.Add(1)
		}
		switch r.URL.Path {
		case "/metrics.json":
			fmt.Fprintf(w, `{"failed": %d, "requests": 100000000, "version": "v1.10.2", "backup": %q}`,
				n*1000, time.Now().Add(-time.Hour).Format(time.RFC3339))
		case "/queue.json":
			fmt.Fprintf(w, `{"length": %d}`, queue.Load())
		case "/terms":
			fmt.Fprintf(w, "these are version %d", n)
		}
	})
	e := s.visit(exampleOf(t, "trends.yaml"))
	e.edit(`> "500ms"`, `> "1m"`) // this machine may be slow
	e.finds("api healthy p95 .*", "queue healthy 200 in .*", "terms healthy 200 in .*")

	e.edit(`"unhealthy", "1h"`, `"unhealthy", "10m"`) // of results this often no more are kept
	e.edit("interval: 30s", "interval: 300ms")
	e.edit("interval: 30m", "interval: 300ms")
	e.edit("/queue.json\n", "/queue.json\n    interval: 300ms\n")
	p := e.start()
	p.reports("api healthy p95 .*")
	p.reports("queue healthy .*")
	p.reports("terms healthy .*")
	grows.Store(true)
	p.reports("api degraded .*")
	p.reports("terms degraded .*")
	grows.Store(false)
	p.reports("api healthy .*")
	p.reports("terms healthy .*")

	queue.Store(1001)
	p.reports("queue degraded .*")
	queue.Store(900)
	eventually(t, ample, "900 is still too many", func() bool {
		r, _ := p.component("queue")
		return r.Rule == `degraded because json.length > 1000 or prev.status == "degraded" and json.length > 500: `+
			`prev.status was "degraded", json.length was 900`
	})
	queue.Store(500)
	p.reports("queue healthy .*")
	queue.Store(900)
	eventually(t, ample, "900 is no longer too many", func() bool {
		cmd := e.command("eval", "queue", `prev.status == "healthy" and json.length == 900`)
		cmd.Env = append(cmd.Env, e.env...)
		out, _ := cmd.Output()
		return strings.HasPrefix(string(out), "true\n")
	})
}
