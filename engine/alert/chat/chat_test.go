package chat

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
	return alert.Message{ID: "x", Event: alert.Firing, Check: "db", Status: engine.Unhealthy, Message: "refused", Failures: 3, Time: time.Now()}
}

func send(t *testing.T, url string, timeout time.Duration) alert.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return newNotifier(url).Send(ctx, message())
}

func TestServices(t *testing.T) {
	var path, title, body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		path, title, body = r.URL.Path, r.Header.Get("Title"), string(b)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":1}`)
	}))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	const whole = "🚨 db is UNHEALTHY\nStatus: unhealthy\nMessage: refused\nFailures: 3"
	for _, c := range []struct{ url, path, title, text string }{
		{"ntfy://" + host + "/my-topic-1?scheme=http", "/my-topic-1", "🚨 db is UNHEALTHY", "Status: unhealthy\nMessage: refused\nFailures: 3"},
		{"generic://" + host + "/hook?disabletls=yes", "/hook", "", whole},
		{"mattermost://bot@" + host + "/tokentoken?disabletls=yes", "/hooks/tokentoken", "", `UNHEALTHY\nStatus: unhealthy\nMessage: refused`},
	} {
		path, title, body = "", "", ""
		if out := send(t, c.url, 5*time.Second); out != alert.Sent() {
			t.Errorf("%s: %v", c.url, out)
		}
		if path != c.path || title != c.title || !strings.Contains(body, c.text) {
			t.Errorf("%s: %s, title %q\n%s", c.url, path, title, body)
		}
	}
}

// TestEachMessageHasItsOwnTitle: what one message says is not said with the next.
func TestEachMessageHasItsOwnTitle(t *testing.T) {
	var title string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		title = r.Header.Get("Title")
		io.WriteString(w, `{"id":1}`)
	}))
	defer s.Close()
	n := newNotifier("ntfy://" + strings.TrimPrefix(s.URL, "http://") + "/my-topic-1?scheme=http")
	for _, m := range []alert.Message{
		{ID: "1", Event: alert.Firing, Check: "db", Status: engine.Unhealthy, Message: "refused"},
		{ID: "2", Event: alert.Firing, Check: "web", Status: engine.Degraded, Message: "slow"},
		{ID: "3", Event: alert.Resolved, Check: "db", Status: engine.Healthy, Message: "fine"},
	} {
		if out := n.Send(t.Context(), m); out != alert.Sent() || title != m.Title() {
			t.Errorf("%v: the title is %q, want %q", out, title, m.Title())
		}
	}
}

// What the library says of a failure holds the URL; what is passed on does not.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"refused", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }, "permanent: ntfy: "},
		{"broken", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) }, "retry after 0s: ntfy: "},
		{"busy", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "9")
			w.WriteHeader(429)
		}, "retry after 9s: ntfy: "},
		{"dies", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "retry after 0s: ntfy: "},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, "retry after 0s: ntfy: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.answer)
			defer s.Close()
			url := "ntfy://someuser:passw0rd@" + strings.TrimPrefix(s.URL, "http://") + "/secret-topic?scheme=http"
			start := time.Now()
			out := send(t, url, 500*time.Millisecond).String()
			if !strings.HasPrefix(out, c.want) || len(out) > 400 {
				t.Errorf("%s, want %s", out, c.want)
			}
			for _, secret := range []string{"passw0rd", "secret-topic", "someuser"} {
				if strings.Contains(out, secret) {
					t.Errorf("it tells %s: %s", secret, out)
				}
			}
			if time.Since(start) > 20*time.Second {
				t.Errorf("took %s", time.Since(start))
			}
		})
	}
}
