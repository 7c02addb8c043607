package systemd

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// restart restarts a unit with a generous deadline.
func (h host) restart(t *testing.T, unit string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return Restart(ctx, h.scope, unit)
}

// testRestart restarts real units in every state, and compares what systemd makes of it.
func testRestart(t *testing.T) {
	for _, h := range []host{theSystem, theUser} {
		t.Run(h.scope, func(t *testing.T) {
			there := filepath.Join(t.TempDir(), "there")
			h.install(t, map[string]string{
				"x-runs.service":    sleeps,
				"x-fails.service":   "[Service]\nType=oneshot\nExecStart=/bin/false\n",
				"x-slow.service":    "[Service]\nType=notify\nExecStart=/bin/sleep 1000\n",
				"x-late.service":    "[Unit]\nJobTimeoutSec=300ms\n[Service]\nType=notify\nExecStart=/bin/sleep 1000\n",
				"x-needs.service":   "[Unit]\nRequires=x-fails.service\nAfter=x-fails.service\n" + sleeps,
				"x-limited.service": "[Unit]\nStartLimitIntervalSec=1000\nStartLimitBurst=1\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/test -e " + there + "\n",
				"x-loop.service":    "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1000\n",
				"x-masked.service":  "masked",
			})
			h.systemctl(t, "start", "x-runs")
			pid := h.systemctl(t, "show", "x-runs", "--value", "-p", "MainPID")
			h.job(t, "x-runs.service", "done")
			if now := h.systemctl(t, "show", "x-runs", "--value", "-p", "MainPID"); now == pid || now == "0" {
				t.Errorf("process %s runs after the restart, %s before", now, pid)
			}
			h.systemctl(t, "stop", "x-runs")
			h.job(t, "x-runs.service", "done") // what is stopped is started
			h.job(t, "x-fails.service", "failed")
			h.job(t, "x-late.service", "timeout")
			h.job(t, "x-needs.service", "dependency")
			for unit, want := range map[string]string{"x-none.service": "not found", "x-masked.service": "masked"} {
				if result, err := h.restart(t, unit); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %q, %v; want %s", unit, result, err, want)
				}
			}
			h.limited(t, there)
			h.starting(t)
		})
	}
	t.Run("without a bus", func(t *testing.T) { // but systemd's own socket
		run(t, "systemctl", "stop", "dbus.socket", "dbus.service")
		defer run(t, "systemctl", "start", "dbus.socket")
		theSystem.job(t, "x-runs.service", "done")
	})
}

func (h host) job(t *testing.T, unit, want string) {
	t.Helper()
	if result, err := h.restart(t, unit); err != nil || result != want {
		t.Errorf("%s: %q, %v; want %s", unit, result, err, want)
	}
}

// limited restarts what was started too often.
func (h host) limited(t *testing.T, there string) {
	t.Helper()
	h.job(t, "x-limited.service", "failed")
	if err := os.WriteFile(there, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	start := append(append([]string{"systemctl"}, h.flag...), "start", "x-limited")
	if out, err := exec.Command(start[0], start[1:]...).CombinedOutput(); err == nil {
		t.Errorf("it is not limited: %s", out)
	}
	h.job(t, "x-limited.service", "done")
}

// starting looks at what starts by itself, and gives up on what does not end.
func (h host) starting(t *testing.T) {
	t.Helper()
	h.systemctl(t, "start", "x-loop")
	h.until(t, "x-loop", "SubState", "auto-restart")
	for unit, want := range map[string]string{
		"x-loop.service": "x-loop.service is activating (auto-restart)", "x-runs.service": "", "x-fails.service": "",
	} {
		if how, err := Starting(t.Context(), h.scope, unit); err != nil || how != want {
			t.Errorf("%s: %q, %v; want %q", unit, how, err, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if result, err := Restart(ctx, h.scope, "x-slow.service"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a restart that does not end: %q, %v", result, err)
	}
	if how, err := Starting(t.Context(), h.scope, "x-slow.service"); err != nil || !strings.Contains(how, "activating") {
		t.Errorf("x-slow.service: %q, %v", how, err)
	}
}

// A bus that stands still holds up nobody longer than they want to wait.
func TestRestartOverABusThatHangs(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+listen(t, silent))
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := Restart(ctx, system, "x.service")
	if err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}
