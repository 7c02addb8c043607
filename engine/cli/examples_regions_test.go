package cli

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// examples/regions.yaml on three servers: one down is no outage, two are, and that is
// known as soon as the second is.
func TestExampleRegions(t *testing.T) {
	e := exampleOf(t, "regions.yaml")
	var down [3]atomic.Bool
	for i, host := range []string{"eu.example.org", "us.example.org", "asia.example.org"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/status" || r.Header.Get("Accept") != "application/json" || down[i].Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}))
		defer s.Close()
		e.edit(host, strings.TrimPrefix(s.URL, "http://"))
	}
	e.edit("https://", "http://")
	e.edit("interval: 15s", "interval: 500ms")
	e.edit("latency > ", "latency > \"1m\" and latency > ") // on a busy machine

	e.finds("api-eu healthy 200 in .*", "api-us healthy 200 in .*", "api-asia healthy 200 in .*", "service healthy 3 of 3 regions are healthy")
	p := e.start()
	p.reports("service healthy 3 of 3 regions are healthy")
	down[2].Store(true)
	p.reports("api-asia unhealthy 503 in .*")
	p.reports("service healthy 2 of 3 regions are healthy")
	down[1].Store(true)
	p.reports("service unhealthy 1 of 3 regions are healthy")
	if code, _ := p.get("/health"); code != 503 {
		t.Errorf("two regions are down, and /health answers %d", code)
	}
	down[1].Store(false)
	down[2].Store(false)
	p.reports("service healthy 3 of 3 regions are healthy")
	down[0].Store(true)
	p.reports("service degraded 2 of 3 regions are healthy")
}
