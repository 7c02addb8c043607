package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polyhealth/engine"
)

// healthAnswer is what CONTRACT.md promises of /health.
type healthAnswer struct {
	Status     string           `json:"status"`
	Timestamp  time.Time        `json:"timestamp"`
	Components []map[string]any `json:"components"`
}

func TestHealthIsAsPromised(t *testing.T) {
	down := component("clob", engine.Unhealthy)
	down.Message, down.Failures, down.Rule = "connection \"refused\"\n", 4, `unhealthy: error != ""`
	down.Check.Tags, down.Check.Keys.Description = []string{"api", "a\"b"}, "The order book."
	down.Metadata, down.Result = []byte(`{"markets":12,"deep":{"list":[1,null]}}`), engine.Degraded
	fresh := &engine.Component{Check: &engine.Check{Name: "fresh"}, Message: "not probed yet"}
	_, url := serve(t, newFakeView(down, fresh), Sources{}, usualLimits())

	before := time.Now().Truncate(time.Millisecond)
	r := get(t, url, "/health")
	var got healthAnswer
	r.into(t, &got)
	if got.Timestamp.Before(before) || got.Timestamp.After(time.Now()) || !strings.Contains(r.body, `Z","components"`) {
		t.Errorf("the timestamp is %v", got.Timestamp)
	}
	want := []map[string]any{{
		"name": "clob", "status": "unhealthy", "message": "connection \"refused\"\n",
		"last_check": "2026-11-23T08:26:53.589Z", "last_success": "2026-11-23T08:26:53.589Z",
		"consecutive_failures": 4.0, "metadata": map[string]any{"markets": 12.0, "deep": map[string]any{"list": []any{1.0, nil}}},
		"rule": `unhealthy: error != ""`, "since": "2026-11-23T07:26:53.589Z", "latency_ms": 35.123,
		"result": "degraded", "critical": true, "tags": []any{"api", "a\"b"}, "description": "The order book.",
	}, {
		"name": "fresh", "status": "unknown", "message": "not probed yet", "last_check": nil, "last_success": nil,
		"consecutive_failures": 0.0, "metadata": map[string]any{},
		"rule": "", "since": nil, "latency_ms": nil, "result": "unknown", "critical": false, "tags": []any{},
	}}
	if diff := cmp.Diff(want, got.Components); diff != "" || got.Status != "unhealthy" || r.code != 503 {
		t.Errorf("%d, %s: %s", r.code, got.Status, diff)
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
}

func TestHealthSaysTheOverallStatus(t *testing.T) {
	spare := component("spare", engine.Unhealthy)
	spare.Check.Critical = false
	for _, c := range []struct {
		name       string
		degradedAs int
		components []*engine.Component
		status     string
		code       int
	}{
		{"all healthy", 503, []*engine.Component{component("a", engine.Healthy)}, "healthy", 200},
		{"one degraded", 503, []*engine.Component{component("a", engine.Healthy), component("b", engine.Degraded)}, "degraded", 503},
		{"degraded with a status of its own", 218, []*engine.Component{component("b", engine.Degraded)}, "degraded", 218},
		{"unhealthy keeps 503", 218, []*engine.Component{component("b", engine.Unhealthy)}, "unhealthy", 503},
		{"unknown is degraded", 503, []*engine.Component{component("a", engine.Healthy), component("b", engine.Unknown)}, "degraded", 503},
		{"what is not critical does not count", 503, []*engine.Component{component("a", engine.Healthy), spare}, "healthy", 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newFakeView(c.components...)
			v.plan.Server.DegradedStatus = c.degradedAs
			_, url := serve(t, v, Sources{}, usualLimits())
			r := get(t, url, "/health")
			var got healthAnswer
			r.into(t, &got)
			if got.Status != c.status || r.code != c.code {
				t.Errorf("got %s with %d, want %s with %d", got.Status, r.code, c.status, c.code)
			}
		})
	}
}

func TestComponentByName(t *testing.T) {
	names := []string{
		"database", "a b", "a/b", "a//b", "../a", "a/../b", "a/", "/a", "./.", "50%", "%41", "%2F", "a+b", "a?b=c", "a#b",
		`q"uo'te`, "<script>", "zażółć", "🚨 alert", `back\slash`, "a;b=c&d", "history", "x/history", "*", "~",
	}
	var all []*engine.Component
	for _, name := range names {
		all = append(all, component(name, engine.Healthy))
	}
	_, url := serve(t, newFakeView(all...), Sources{}, usualLimits())
	for _, name := range names {
		for _, encoded := range spellings(name) {
			var got struct{ Name string }
			r := get(t, url, "/health/"+encoded)
			r.into(t, &got)
			if got.Name != name || r.code != 200 {
				t.Errorf("/health/%s is %d for %q, want %q", encoded, r.code, got.Name, name)
			}
		}
	}
}

// spellings are ways to encode a name: every byte, and only what needs it.
func spellings(name string) []string {
	var every, few strings.Builder
	for _, b := range []byte(name) {
		hex := "%" + strings.ToUpper(string([]byte{hexDigits[b>>4], hexDigits[b&15]}))
		every.WriteString(hex)
		if b <= ' ' || b >= 0x7f || strings.IndexByte(`%?#"<>\`, b) >= 0 {
			few.WriteString(hex)
		} else {
			few.WriteByte(b)
		}
	}
	return []string{every.String(), few.String()}
}

func TestComponentStatusCodes(t *testing.T) {
	v := newFakeView(component("h", engine.Healthy), component("d", engine.Degraded), component("u", engine.Unhealthy), component("n", engine.Unknown))
	v.plan.Server.DegradedStatus = 218 // of the overall status only
	_, url := serve(t, v, Sources{}, usualLimits())
	for path, want := range map[string]int{
		"/health/h": 200, "/health/d": 503, "/health/u": 503, "/health/n": 503,
		"/health/H": 404, "/health/missing": 404, "/health/": 404, "/health/h/": 404, "/health/%68": 200,
	} {
		r := get(t, url, path)
		if r.code != want {
			t.Errorf("%s is %d, want %d", path, r.code, want)
		}
	}
	r := get(t, url, "/health/missing")
	if want := `{"error": "Component not found"}`; strings.TrimSpace(r.body) != want {
		t.Errorf("a name that is not there is answered %s, want %s", r.body, want)
	}
}

// An unchanged answer is not rendered twice, however many ask at the same time,
// and the very same bytes are sent.
func TestHealthIsRenderedOnce(t *testing.T) {
	v := newFakeView(many(100)...)
	s, url := serve(t, v, Sources{}, usualLimits())
	var all sync.WaitGroup
	bodies := make([]string, 50)
	for i := range bodies {
		all.Go(func() { bodies[i] = get(t, url, "/health").body })
	}
	all.Wait()
	for _, b := range bodies {
		if b != bodies[0] {
			t.Fatal("two answers differ though nothing changed")
		}
	}
	if n := v.rendered(); n != 1 {
		t.Errorf("rendered %d times, want once", n)
	}
	first, firstDone := s.overall.lend(nil)
	v.change("service-00007", func(c *engine.Component) { c.Message = "something new" })
	second, secondDone := s.overall.lend(nil)
	if &first.body[0] == &second.body[0] || string(first.body) != bodies[0] {
		t.Error("an answer changed while it was being read")
	}
	if !strings.Contains(string(second.body), "something new") || v.rendered() != 2 {
		t.Errorf("rendered %d times, and the change is not told", v.rendered())
	}
	secondDone()
	v.change("service-00007", func(c *engine.Component) { c.Message = "newer" })
	_, thirdDone := s.overall.lend(nil)
	if string(first.body) != bodies[0] {
		t.Error("an answer changed while it was being read, two changes later")
	}
	thirdDone()
	firstDone()
	v.change("service-00007", func(c *engine.Component) {})
	v.change("service-00007", func(c *engine.Component) {})
	if fourth, _ := s.overall.lend(nil); &fourth.body[0] != &first.body[0] && &fourth.body[0] != &second.body[0] {
		t.Error("no buffer is used again")
	}
}

// Answers stay whole while they are replaced under many readers.
func TestHealthUnderChange(t *testing.T) {
	v := newFakeView(many(50)...)
	s := newServer(v, Sources{}, usualLimits())
	stop := make(chan struct{})
	var changing, reading sync.WaitGroup
	changing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				v.change("service-00003", func(c *engine.Component) { c.Failures++ })
			}
		}
	})
	for range 4 {
		reading.Go(func() {
			for range 300 {
				a, done := s.overall.lend(nil)
				if !json.Valid(a.body) {
					t.Error("a torn answer")
				}
				done()
			}
		})
	}
	reading.Wait()
	close(stop)
	changing.Wait()
	if n, held := len(s.overall.spare), len(s.overall.held); n > 2 || held > 0 {
		t.Errorf("%d buffers are kept, %d are held", n, held)
	}
}

// What an answer costs does not grow with the number of checks: only the buffers
// do, once.
func TestAnswersDoNotAllocateByTheCheck(t *testing.T) {
	few, lots := newServer(newFakeView(many(10)...), Sources{}, usualLimits()), newServer(newFakeView(many(10000)...), Sources{}, usualLimits())
	render := func(s *Server) float64 {
		var b []byte
		return testing.AllocsPerRun(5, func() { b, _ = s.renderHealth(b[:0]) })
	}
	if n := render(lots); n > 2 {
		t.Errorf("rendering /health allocates %.0f times", n)
	}
	scrape := func(s *Server) float64 {
		r, _ := http.NewRequest("GET", "/metrics", nil)
		return testing.AllocsPerRun(5, func() { s.metrics(&sink{header: http.Header{}}, r, "") })
	}
	if a, b := scrape(few), scrape(lots); b > a+100 {
		t.Errorf("a scrape allocates %.0f times with 10 checks and %.0f with 10,000", a, b)
	}
}
