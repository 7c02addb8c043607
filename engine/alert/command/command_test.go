package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func send(t *testing.T, timeout time.Duration, argv ...string) string {
	t.Helper()
	n, err := Kind.Open(&Config{Argv: argv}, alert.Env{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	at := time.Date(2026, 7, 1, 14, 0, 0, 0, time.FixedZone("", 7200))
	return n.Send(ctx, alert.Message{
		ID: "id1", Event: alert.Firing, Route: "ops", Check: "$(touch x) `y`", Status: engine.Unhealthy, Previous: engine.Degraded,
		Message: "two\nlines\x00", Failures: 3, Since: at, Time: at, Tags: []string{"a", "b"}, Metadata: []byte(`{"n":1}`),
	}).String()
}

func TestEnvironment(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "/run/x")
	out := filepath.Join(t.TempDir(), "out")
	if got := send(t, 10*time.Second, "sh", "-c", "env -0 >"+out+"; pwd >"+out+".dir"); got != "sent" {
		t.Fatal(got)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, entry := range strings.Split(string(b), "\x00") {
		name, value, _ := strings.Cut(entry, "=")
		got[name] = value
	}
	for name, want := range map[string]string{
		"EVENT": "firing", "ID": "id1", "ROUTE": "ops", "CHECK": "$(touch x) `y`", "STATUS": "unhealthy",
		"PREVIOUS_STATUS": "degraded", "MESSAGE": "two\nlines", "FAILURES": "3", "SINCE": "2026-07-01T12:00:00Z",
		"TIME": "2026-07-01T12:00:00Z", "TAGS": "a,b", "METADATA": `{"n":1}`, "TITLE": "🚨 $(touch x) `y` is UNHEALTHY",
		"TEXT": "🚨 $(touch x) `y` is UNHEALTHY\nStatus: unhealthy\nMessage: two\nlines\nFailures: 3",
	} {
		if got["POLYHEALTH_"+name] != want {
			t.Errorf("%s is %q, want %q", name, got["POLYHEALTH_"+name], want)
		}
	}
	if got["PATH"] == "" || got["NOTIFY_SOCKET"] != "" {
		t.Errorf("PATH is %q, NOTIFY_SOCKET %q", got["PATH"], got["NOTIFY_SOCKET"])
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name string
		argv []string
		want string
	}{
		{"works", []string{"true"}, "sent"},
		{"fails", []string{"sh", "-c", "echo no siren >&2; exit 3"}, "retry after 0s: the program failed: exit status 3: no siren"},
		{"says a lot", []string{"sh", "-c", "yes | head -c 10000000; exit 1"}, "retry after 0s: the program failed: exit status 1: "},
		{"is killed", []string{"sh", "-c", "kill -9 $$"}, "retry after 0s: the program failed: signal: killed"},
		{"is not there", []string{"/no/such/program"}, "permanent: the program cannot be run: "},
		{"is no program", []string{"/etc/passwd"}, "permanent: the program cannot be run: "},
		{"leaves a child that holds its output", []string{"sh", "-c", "sleep 5 & exit 0"}, "sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			if got := send(t, 4*time.Second, c.argv...); !strings.HasPrefix(got, c.want) || len(got) > 400 {
				t.Errorf("%s, want %s", got, c.want)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// A program that hangs is ended with all it started.
func TestHangs(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	start := time.Now()
	got := send(t, 500*time.Millisecond, "sh", "-c", "sleep 60 & echo $! $$ >"+pids+"; wait")
	if got != "retry after 0s: the program did not end in time" || time.Since(start) > 20*time.Second {
		t.Errorf("%s after %s", got, time.Since(start))
	}
	b, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range strings.Fields(string(b)) {
		pid, _ := strconv.Atoi(field)
		end := time.Now().Add(3 * time.Second)
		for alive(pid) && time.Now().Before(end) {
			time.Sleep(10 * time.Millisecond)
		}
		if alive(pid) {
			t.Errorf("process %d still runs", pid)
		}
	}
}

// alive reports whether a process runs; one that nobody has waited for does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return !strings.Contains(string(b), ") Z ")
}
