package webhook

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func message() alert.Message {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	return alert.Message{
		ID: "id1", Event: alert.Firing, Check: "database", Status: engine.Unhealthy, Previous: engine.Degraded,
		Message: "refused", Failures: 3, Since: at, Time: at,
	}
}

func open(t *testing.T, c Config) alert.Notifier {
	t.Helper()
	if c.Method == "" {
		c.Method = "POST"
	}
	n, err := Kind.Open(&c, alert.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRequests(t *testing.T) {
	const body = `{"event":"firing","id":"id1","check":"database","status":"unhealthy","previous_status":"degraded",` +
		`"message":"refused","consecutive_failures":3,"since":"2026-07-01T12:00:00Z","time":"2026-07-01T12:00:00Z","tags":[],"metadata":{}}`
	for _, c := range []struct {
		config Config
		method string
		header map[string]string
		body   string
	}{
		{Config{}, "POST", map[string]string{"Content-Type": "application/json", "Idempotency-Key": "id1", "User-Agent": "polyhealth/1"}, body},
		{Config{Method: "PUT", Headers: map[string]string{"authorization": "Bearer x", "host": "there.example"}}, "PUT",
			map[string]string{"Authorization": "Bearer x", "Host": "there.example"}, body},
		{Config{Body: "down!"}, "POST", map[string]string{"Content-Type": "text/plain; charset=utf-8"}, "down!"},
		{Config{Body: `{"a":1}`}, "POST", map[string]string{"Content-Type": "application/json"}, `{"a":1}`},
		{Config{Body: "x", Headers: map[string]string{"content-type": "text/x", "idempotency-key": "own"}}, "POST",
			map[string]string{"Content-Type": "text/x", "Idempotency-Key": "own"}, "x"},
	} {
		var got *http.Request
		var gotBody string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			got, gotBody = r, string(b)
			w.WriteHeader(204)
		}))
		c.config.URL = s.URL + "/hook?k=v"
		out := open(t, c.config).Send(t.Context(), message())
		s.Close()
		if out != alert.Sent() || got.Method != c.method || gotBody != c.body || got.URL.String() != "/hook?k=v" {
			t.Errorf("%+v: %v, %s %s\n%s", c.config, out, got.Method, got.URL, gotBody)
		}
		for name, want := range c.header {
			value := got.Header.Get(name)
			if name == "Host" {
				value = got.Host
			}
			if value != want {
				t.Errorf("%+v: %s is %q, want %q", c.config, name, value, want)
			}
		}
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"accepted", status(202, "", ""), "sent"},
		{"bad request", status(400, "", "no such\nfield"), "permanent: it answered 400 Bad Request: no such field"},
		{"redirect", status(302, "", ""), "permanent: it answered 302 Found"},
		{"busy", status(429, "7", ""), "retry after 7s: it answered 429"},
		{"busy until", status(503, time.Now().Add(time.Minute).UTC().Format(http.TimeFormat), ""), "retry after 5"},
		{"busy for ever", status(503, "999999999999", ""), "retry after "},
		{"broken", status(500, "", strings.Repeat("x", 1<<20)), "retry after 0s: it answered 500 Internal Server Error: xxx"},
		{"dies before it answers", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "retry after 0s: EOF"},
		{"dies while it answers", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "sent"},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has gone
			<-r.Context().Done()
		}, "retry after 0s: context deadline exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			out := open(t, Config{URL: s.URL + "/s3cret"}).Send(ctx, message()).String()
			if !strings.HasPrefix(out, c.want) || strings.Contains(out, "s3cret") || len(out) > 400 {
				t.Errorf("%s, want %s", out, c.want)
			}
		})
	}
}

func status(code int, retryAfter, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		if code == 302 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}
