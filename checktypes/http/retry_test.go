package http

import (
	"bufio"
	"io"
	"net"
	nethttp "net/http"
	"sync/atomic"
	"testing"
	"time"
)

func TestRetries(t *testing.T) {
	cases := []struct {
		name     string
		statuses []int // in turn, the last one for good; 0 closes the connection
		header   string
		retries  int
		status   int
		attempts int
		want     string
	}{
		{"works at once", []int{200}, "", 3, 200, 1, ""},
		{"works at last", []int{503, 500, 200}, "", 2, 200, 3, ""},
		{"never works", []int{503}, "", 2, 503, 3, ""},
		{"too many requests", []int{429, 200}, "", 1, 200, 2, ""},
		{"the asker's fault", []int{404}, "", 3, 404, 1, ""},
		{"not implemented", []int{501}, "", 3, 501, 1, ""},
		{"closes once", []int{0, 200}, "", 1, 200, 2, ""},
		{"always closes", []int{0}, "", 2, 0, 3, "the server closed the connection before it answered"},
		{"no retries", []int{503, 200}, "", 0, 503, 1, ""},
		{"Retry-After that ends in time", []int{503, 200}, "0", 1, 200, 2, ""},
		{"Retry-After that does not", []int{503, 200}, "3600", 1, 503, 1, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Int32
			url := serving(t, func(w nethttp.ResponseWriter, r *nethttp.Request) {
				n := int(asked.Add(1))
				if body, _ := io.ReadAll(r.Body); string(body) != "data" {
					t.Errorf("attempt %d sent the body %q", n, body)
				}
				status := c.statuses[min(n, len(c.statuses))-1]
				if status == 0 {
					panic(nethttp.ErrAbortHandler)
				}
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(status)
			}).URL
			start := time.Now()
			v, err := ask(t, url, asking{change: func(config *Config) {
				config.Method, config.Body, config.Retries = "POST", "data", c.retries
			}, timeout: 5 * time.Second})
			expect(t, err, c.want)
			if v.Status != c.status || v.Attempts != c.attempts || int(asked.Load()) != c.attempts {
				t.Errorf("status %d, attempts %d, asked %d; want %d, %d", v.Status, v.Attempts, asked.Load(), c.status, c.attempts)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestRetriesOfWhatIsCertain does not try again what cannot change.
func TestRetriesOfWhatIsCertain(t *testing.T) {
	v, err := ask(t, secure(t, newAuthority(t).leaf(t, -time.Hour, time.Hour), ok, nil), asking{change: func(c *Config) { c.Retries = 5 }})
	expect(t, err, "certificate is signed by an unknown authority")
	if v.Attempts != 1 || v.CertExpiresIn <= 0 {
		t.Errorf("attempts %d, cert_expires_in %v", v.Attempts, v.CertExpiresIn)
	}
}

// TestRetriesWithinTheDeadline hangs at the second attempt.
func TestRetriesWithinTheDeadline(t *testing.T) {
	var asked atomic.Int32
	url := "http://" + raw(t, func(c net.Conn, in *bufio.Reader) {
		takeRequest(in)
		if asked.Add(1) > 1 {
			silent(c, in)
		}
	})
	v, err := ask(t, url, asking{change: func(c *Config) { c.Retries = 5 }, timeout: 500 * time.Millisecond})
	expect(t, err, "timed out after 500ms waiting for the first byte")
	if v.Attempts != 2 {
		t.Errorf("attempts is %d, want 2", v.Attempts)
	}
}
