package act

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/recovery"
)

// occasion is what an action is done for.
func occasion() recovery.Occasion {
	return recovery.Occasion{
		Component: &engine.Component{Check: &engine.Check{Name: "a\x00b"}, Status: engine.Unhealthy,
			Message: strings.Repeat("x", 200_000), Metadata: []byte(`{"n":1}`)},
		Tags: []string{"x", "y"}, Action: engine.RecoveryAction{ID: 7, Step: 2, Attempt: 3},
	}
}

// do does a step, within a deadline.
func do(t *testing.T, s engine.RecoveryStep, within time.Duration) (engine.RecoveryResult, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	s.Timeout = within
	return New().Do(ctx, s, occasion())
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NOT_FOR_PROGRAMS", "ours")
	if err := os.WriteFile(filepath.Join(dir, "here.sh"), []byte("#!/bin/sh\npwd\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	sh := func(script string) []string { return []string{"sh", "-c", script} }
	for _, c := range []struct {
		name   string
		argv   []string
		result engine.RecoveryResult
		detail string // how it begins
	}{
		{"works", sh("echo all is well"), "done", "all is well"},
		{"says nothing", sh(":"), "done", ""},
		{"fails", sh("echo out; echo err >&2; exit 3"), "failed", "exit 3: out\nerr"},
		{"is killed", sh("kill -TERM $$"), "failed", "killed by SIGTERM"},
		{"is not there", []string{"./nothing"}, "failed", "no such program: ./nothing"},
		{"is found beside the file", []string{"./here.sh"}, "done", dir},
		{"knows what for", sh(`echo "$POLYHEALTH_CHECK $POLYHEALTH_STATUS $POLYHEALTH_STEP $POLYHEALTH_ATTEMPT $POLYHEALTH_TAGS $POLYHEALTH_METADATA ${#POLYHEALTH_MESSAGE} $NOT_FOR_PROGRAMS."`),
			"done", `ab unhealthy 2 3 x,y {"n":1} 100000 .`},
		{"says much", sh("seq 1 100000; echo the end"), "done", "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, detail := do(t, engine.RecoveryStep{Argv: c.argv, Dir: dir}, time.Minute)
			if result != c.result || !strings.HasPrefix(detail, c.detail) || c.detail == "" && detail != "" {
				t.Errorf("%s: %q; want %s: %q", result, detail, c.result, c.detail)
			}
			if len([]rune(detail)) > maxTail+20 || c.name == "says much" && !strings.HasSuffix(detail, "100000\nthe end") {
				t.Errorf("its detail is %q", detail)
			}
		})
	}
}

// A program that does not end is killed with all that it began.
func TestCommandThatHangs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pid")
	script := fmt.Sprintf("echo waiting; setsid sh -c 'echo $$ >%s; exec sleep 1000' & while ! test -s %s; do sleep 0.01; done; sleep 1000", file, file)
	result, detail := do(t, engine.RecoveryStep{Argv: []string{"sh", "-c", script}, Dir: dir}, 3*time.Second)
	if result != engine.RecoveryTimeout || !strings.HasPrefix(detail, "it did not end within 3s: waiting") {
		t.Errorf("%s: %s", result, detail)
	}
	pid, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("what it began still runs: %s", stat)
		}
	}
}

func TestWebhook(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/ok":
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), r.Header.Get("X-Key"))
		case "/body":
			fmt.Fprint(w, strings.Replace(string(body), strings.Repeat("x", 200_000), "…", 1))
		case "/moved":
			http.Redirect(w, r, "/ok", http.StatusFound)
		case "/hangs":
			<-stop
		default:
			http.Error(w, "no s\xffuch thing", http.StatusTeapot)
		}
	}))
	defer server.Close()
	defer close(stop)
	for path, want := range map[string]string{
		"/ok":    "done: it answered 200 OK: POST application/json 7 k",
		"/body":  `done: it answered 200 OK: {"event":"recovery","id":"7","check":"a\u0000b","status":"unhealthy","message":"…","consecutive_failures":0,"since":"","tags":["x","y"],"metadata":{"n":1},"step":2,"attempt":3,"by_hand":false}`,
		"/moved": "failed: it answered 302 Found",
		"/other": "failed: it answered 418 I'm a teapot: no s\uFFFDuch thing",
	} {
		result, detail := do(t, engine.RecoveryStep{URL: server.URL + path, Headers: map[string]string{"X-Key": "k"}}, time.Minute)
		if got := string(result) + ": " + detail; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	if result, detail := do(t, engine.RecoveryStep{URL: server.URL + "/hangs"}, 100*time.Millisecond); result != engine.RecoveryTimeout {
		t.Errorf("%s: %s", result, detail)
	}
	result, detail := do(t, engine.RecoveryStep{URL: "http://127.0.0.1:1/s3cret"}, time.Minute)
	if result != engine.RecoveryFailed || strings.Contains(detail, "s3cret") {
		t.Errorf("%s: %s", result, detail)
	}
}
