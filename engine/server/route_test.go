package server

import (
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"
	"polyhealth/schema"
)

func TestMethods(t *testing.T) {
	_, url := serve(t, newFakeView(component("a", engine.Healthy)), Sources{}, usualLimits())
	questions := []string{
		"/health", "/health/a", "/health/missing", "/metrics", "/-/healthy", "/-/ready",
		"/api/v1/status", "/api/v1/checks", "/api/v1/checks/a", "/", "/favicon.ico", "/nowhere",
	}
	for _, path := range questions {
		asked, head := get(t, url, path), ask(t, url, "HEAD", path)
		if head.code != asked.code || head.body != "" || head.header.Get("Content-Type") != asked.header.Get("Content-Type") {
			t.Errorf("HEAD %s is %d %q %v, GET is %d", path, head.code, head.body, head.header, asked.code)
		}
		if length := head.header.Get("Content-Length"); path == "/health" && length != strconv.Itoa(len(asked.body)) {
			t.Errorf("HEAD %s says a length of %s", path, length)
		}
	}
	for _, c := range []struct{ method, path, allow string }{
		{"POST", "/health", "GET, HEAD"}, {"PUT", "/health/a", "GET, HEAD"}, {"DELETE", "/metrics", "GET, HEAD"},
		{"OPTIONS", "/health", "GET, HEAD"}, {"PROPFIND", "/", "GET, HEAD"}, {"get", "/health", "GET, HEAD"},
		{"GET", "/-/reload", "POST"}, {"HEAD", "/-/reload", "POST"}, {"POST", "/api/v1/checks", "GET, HEAD"},
	} {
		r := ask(t, url, c.method, c.path, "Content-Length: 0")
		if r.code != 405 || r.header.Get("Allow") != c.allow {
			t.Errorf("%s %s is %d and allows %q, want 405 and %q", c.method, c.path, r.code, r.header.Get("Allow"), c.allow)
		}
	}
}

func TestPathsThatLeadNowhere(t *testing.T) {
	_, url := serve(t, newFakeView(component("a", engine.Healthy)), Sources{}, usualLimits())
	for _, path := range []string{
		"/healthz", "//health", "/health//", "/metrics/", "/assets/", "/assets/x", "/assets/../server.go",
		"/assets/%2e%2e/%2e%2e/etc/passwd", "/api", "/api/v1", "/api/v1/checks/", "/api/v1/checks/nope", "/api/v1/checks/nope/history",
		"/.git/config", "/index.html", "/-/", "/debug/pprof/",
	} {
		r := get(t, url, path)
		var answer struct{ Error string }
		r.into(t, &answer)
		if (r.code != 404 && r.code != 501) || answer.Error == "" {
			t.Errorf("%s is %d: %s", path, r.code, r.body)
		}
	}
	if r := get(t, url, "http://elsewhere/health"); r.code != 200 {
		t.Errorf("a full URL, as a proxy sends it, is %d", r.code)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	_, url := serve(t, newFakeView(component("a", engine.Healthy)), Sources{}, usualLimits())
	for _, path := range []string{"/", "/health", "/metrics", "/nowhere", "/api/v1/checks"} {
		h := get(t, url, path).header
		for key, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src 'none'; ",
		} {
			if !strings.HasPrefix(h.Get(key), want) {
				t.Errorf("%s: %s is %q", path, key, h.Get(key))
			}
		}
		for _, word := range []string{"Access-Control-Allow-Origin", "Server"} {
			if h.Get(word) != "" {
				t.Errorf("%s says %s: %q", path, word, h.Get(word))
			}
		}
		if csp := h.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
	}
}

func TestCommandsOverTCPNeedTheToken(t *testing.T) {
	const ours = "correct horse"
	for _, c := range []struct {
		name, token, header string
		code                int
		says                string
	}{
		{"none is set", "", "", 403, "server.token"},
		{"none is set, and an empty one given", "", "Authorization: Bearer ", 403, "admin socket"},
		{"none given", ours, "", 403, "Authorization: Bearer TOKEN"},
		{"wrong", ours, "Authorization: Bearer correct hors", 403, "Authorization"},
		{"longer", ours, "Authorization: Bearer correct horse1", 403, "Authorization"},
		{"another scheme", ours, "Authorization: Basic correct horse", 403, "Authorization"},
		{"without a scheme", ours, "Authorization: correct horse", 403, "Authorization"},
		{"right", ours, "Authorization: Bearer correct horse", 200, "added"},
		{"right, in small letters", ours, "Authorization: bearer correct horse", 200, "added"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, r := newFakeView(), reloader{}
			v.plan.Server.Token = schema.Secret(c.token)
			_, url := serve(t, v, Sources{Reload: r.reload}, usualLimits())
			headers := []string{"Content-Length: 0"}
			if c.header != "" {
				headers = append(headers, c.header)
			}
			got := ask(t, url, "POST", "/-/reload", headers...)
			if got.code != c.code || !strings.Contains(got.body, c.says) || (c.code == 200) != (r.called == 1) {
				t.Errorf("%d, %d reloads: %s", got.code, r.called, got.body)
			}
			if strings.Contains(got.body, ours) {
				t.Error("the answer tells the token")
			}
		})
	}
}

// broken is a View that panics.
type broken struct{ *fakeView }

func (broken) Component(string) *engine.Component { panic("no map") }

func TestAPanicStaysWithItsRequest(t *testing.T) {
	v := broken{newFakeView(component("a", engine.Healthy))}
	_, url := serve(t, v, Sources{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, usualLimits())
	if r := get(t, url, "/health/a"); r.code != 500 || !strings.Contains(r.body, `"error"`) {
		t.Errorf("it is answered %d %s", r.code, r.body)
	}
	if r := get(t, url, "/health"); r.code != 200 {
		t.Errorf("the next one is answered %d", r.code)
	}
}

func TestAliveAndReady(t *testing.T) {
	v := newFakeView(component("a", engine.Healthy), &engine.Component{Check: &engine.Check{Name: "b"}},
		&engine.Component{Check: &engine.Check{Name: "c", NotConfigured: "not configured: TOKEN"}})
	_, url := serve(t, v, Sources{}, usualLimits())
	for _, c := range []struct {
		ago  time.Duration
		code int
	}{{0, 200}, {8 * time.Second, 200}, {12 * time.Second, 503}, {time.Hour, 503}} {
		v.pulse = time.Now().Add(-c.ago)
		if r := get(t, url, "/-/healthy"); r.code != c.code {
			t.Errorf("a pulse %v ago is %d, want %d", c.ago, r.code, c.code)
		}
	}
	v.pulse = time.Time{}
	if r := get(t, url, "/-/healthy"); r.code != 503 {
		t.Errorf("before the first pulse it is %d", r.code)
	}
	var missing struct{ Missing, Checks int }
	r := get(t, url, "/-/ready")
	r.into(t, &missing)
	if r.code != 503 || missing.Missing != 1 || missing.Checks != 3 {
		t.Errorf("one of three is missing: %d %s", r.code, r.body)
	}
	v.change("b", func(c *engine.Component) { c.LastCheck = at })
	if r := get(t, url, "/-/ready"); r.code != 200 {
		t.Errorf("all have been probed: %d %s", r.code, r.body)
	}
}
