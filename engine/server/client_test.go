package server

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// reply is what a request was answered with.
type reply struct {
	code   int
	header http.Header
	body   string
}

// ask sends a request whose path goes out as it is written, over a connection of
// its own: net/http's client would tidy it.
func ask(t testing.TB, url, method, path string, headers ...string) reply {
	t.Helper()
	conn := dial(t, url)
	defer conn.Close()
	return askOver(t, conn, method, path, "", headers...)
}

func askOver(t testing.TB, conn net.Conn, method, path, body string, headers ...string) reply {
	t.Helper()
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: test", "Connection: close"}, headers...)
	go io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"+body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %.100s: %v", method, path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil && resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		// (To refuse what is too large is to leave it unread, and that resets the connection.)
		t.Fatalf("%s %.100s: reading the answer: %v", method, path, err)
	}
	return reply{resp.StatusCode, resp.Header, string(answer)}
}

func get(t testing.TB, url, path string, headers ...string) reply {
	t.Helper()
	return ask(t, url, http.MethodGet, path, headers...)
}

// codeOf is what a request is answered with, 0 where it is not answered. Unlike get
// it may be called by any goroutine.
func codeOf(url string) int {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0
	}
	return resp.StatusCode
}

// into decodes the answer, which must be JSON.
func (r reply) into(t testing.TB, v any) {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("the answer's type is %q", got)
	}
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, r.body)
	}
}

func dial(t testing.TB, url string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func shutdown(t testing.TB, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shutting down: %v", err)
	}
}

// until polls for something to become true.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
