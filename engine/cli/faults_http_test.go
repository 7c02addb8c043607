package cli

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// hostile is a server that treats each path by its function, which gets the bare
// connection once it was asked.
func hostile(t *testing.T, paths map[string]func(c net.Conn, quit <-chan struct{})) (address string) {
	t.Helper()
	quit := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		paths[strings.TrimPrefix(r.URL.Path, "/")](c, quit)
	}))
	t.Cleanup(func() { close(quit); s.Close() })
	return strings.TrimPrefix(s.URL, "http://")
}

// forever writes until nobody takes it.
func forever(w io.Writer, block []byte) {
	for err := error(nil); err == nil; {
		_, err = w.Write(block)
	}
}

// until waits until the other side hangs up, or the test ends.
func until(c net.Conn, quit <-chan struct{}) {
	gone := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, c); close(gone) }()
	select {
	case <-gone:
	case <-quit:
	}
}

func httpFaults(t *testing.T) []fault {
	const ok = "HTTP/1.1 200 OK\r\n"
	zeros := make([]byte, 64<<10)
	says := func(text string) func(net.Conn, <-chan struct{}) {
		return func(c net.Conn, _ <-chan struct{}) { _, _ = io.WriteString(c, text) }
	}
	base := "http://" + hostile(t, map[string]func(net.Conn, <-chan struct{}){
		"never": until,
		"drip": func(c net.Conn, quit <-chan struct{}) {
			_, err := io.WriteString(c, ok+"Content-Length: 1000\r\n\r\n")
			for drip := time.NewTicker(time.Second); err == nil; {
				select {
				case <-drip.C:
					_, err = io.WriteString(c, "x")
				case <-quit:
					return
				}
			}
		},
		"reset": func(c net.Conn, _ <-chan struct{}) {
			_, _ = io.WriteString(c, ok+"Content-Length: 1000\r\n\r\nhalf")
			_ = c.(*net.TCPConn).SetLinger(0)
		},
		"endless": func(c net.Conn, _ <-chan struct{}) {
			_, _ = io.WriteString(c, ok+"Content-Length: 10000000000\r\n\r\n")
			forever(c, zeros)
		},
		"bomb": func(c net.Conn, _ <-chan struct{}) {
			_, _ = io.WriteString(c, ok+"Content-Encoding: gzip\r\n\r\n")
			forever(gzip.NewWriter(c), zeros)
		},
		"header": func(c net.Conn, _ <-chan struct{}) {
			_, _ = io.WriteString(c, ok+"X: ")
			for range 100 << 20 / len(zeros) {
				if _, err := c.Write(bytes.ReplaceAll(zeros, []byte{0}, []byte("x"))); err != nil {
					return
				}
			}
			_, _ = io.WriteString(c, "\r\n\r\n")
		},
		"circle": says("HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\n\r\n"),
		"deep":   says(ok + "\r\n" + strings.Repeat("[", 1_000_000)),
	}) + "/"
	return []fault{
		{"never", "http: " + base + "never, timeout: 900ms", "unhealthy", "timed out after 900ms waiting for the first byte"},
		{"drip", "http: " + base + "drip, timeout: 900ms", "unhealthy", "timed out after 900ms reading the body"},
		{"reset", "http: " + base + "reset", "unhealthy", "connection reset"}, // while or before it is read: a race
		{"endless", "http: " + base + "endless", "unhealthy", "the body is larger than 1 MiB (max_body)"},
		{"bomb", "http: " + base + "bomb", "unhealthy", "the body is larger than 1 MiB (max_body)"},
		{"header", "http: " + base + "header", "unhealthy", "the answer's headers are larger than 64 KiB"},
		{"circle", "http: " + base + "circle", "unhealthy", "stopped after 10 redirects"},
		{"deep", "http: " + base + "deep, rules: {healthy: json == nil or true}", "unhealthy", "nested more than 10,000 deep"},
		{"refused", "http: 'http://127.0.0.1:1/'", "unhealthy", "connection refused"},
	}
}
