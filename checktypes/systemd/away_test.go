package systemd

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes"
	"polyhealth/systemd/sandbox"
)

const busSocket = "/run/dbus/system_bus_socket"

// testBusAway stops the system's message bus, takes its socket away, and brings
// both back, below a check that must not be restarted for it.
func testBusAway(t *testing.T) {
	theSystem.install(t, map[string]string{"w-up.service": sleeps})
	theSystem.systemctl(t, "start", "w-up")
	byAny := theSystem.check(t, "w-up")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+busSocket) // and systemd's own socket is not tried
	byBus := theSystem.check(t, "w-up")
	up := `w-up\.service active \(running\) for .*`
	byAny.want(healthy, up)
	byBus.want(healthy, up)

	theSystem.systemctl(t, "stop", "dbus.socket", "dbus.service")
	for range 2 {
		isUnknown(t, byBus, "no connection to the system bus: "+busSocket+": connection refused")
		byAny.want(healthy, up) // we are root
	}
	theSystem.systemctl(t, "start", "dbus.socket", "dbus.service")
	back(t, byBus)
	byBus.want(healthy, up)
	byAny.want(healthy, up)

	// The daemon dies, and its socket stays.
	run(t, "kill", "-KILL", theSystem.systemctl(t, "show", "dbus", "--value", "-p", "MainPID"))
	theSystem.until(t, "dbus", "ActiveState", "failed")
	theSystem.systemctl(t, "stop", "dbus.socket")
	run(t, "rm", busSocket)
	isUnknown(t, byBus, "no connection to the system bus: "+busSocket+": no such file or directory")
	theSystem.systemctl(t, "reset-failed")
	theSystem.systemctl(t, "start", "dbus.socket", "dbus.service")
	back(t, byBus)
	byBus.want(healthy, up)

	// A working connection does not need the socket's file; a new one does.
	run(t, "mv", busSocket, busSocket+".away")
	byBus.want(healthy, up)
	isUnknown(t, theSystem.check(t, "w-up"), "no connection to the system bus: "+busSocket+": no such file or directory")
	run(t, "mv", busSocket+".away", busSocket)
	byBus.want(healthy, up)
}

// back probes until it works: systemd comes to a new bus a moment later.
func back(t *testing.T, c checked) {
	t.Helper()
	eventually(t, "the bus to be back", func() bool {
		_, err := c.p.Run(t.Context())
		return err == nil
	})
}

// isUnknown probes, and wants our own fault with a message.
func isUnknown(t *testing.T, c checked, message string) {
	t.Helper()
	if err := c.fails(); err.Error() != message || !checktypes.IsOwnFault(err) {
		t.Errorf("the error is %q (own fault %v), want %q", err, checktypes.IsOwnFault(err), message)
	}
}

// testBusStopped stops the bus daemon without ending it: its socket takes what is
// written, and nothing comes back.
func testBusStopped(t *testing.T) {
	theSystem.install(t, map[string]string{"w-up.service": sleeps})
	theSystem.systemctl(t, "start", "w-up")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+busSocket)
	short := checked{t, opened(t, Config{Unit: "w-up", Scope: system}, 200*time.Millisecond, nil)}
	short.probe()

	pid := theSystem.systemctl(t, "show", "dbus", "--value", "-p", "MainPID")
	run(t, "kill", "-STOP", pid)
	for range 3 * window { // more than may be on their way
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		start := time.Now()
		_, err := short.p.Run(ctx)
		cancel()
		if err == nil || !checktypes.IsOwnFault(err) || time.Since(start) > 10*time.Second {
			t.Fatalf("after %v: %v", time.Since(start), err)
		}
	}
	run(t, "kill", "-CONT", pid)
	short.want(healthy, `w-up\.service active \(running\) for .*`)
}

// testReexec has systemd execute itself anew again and again, as an upgrade
// does, and nothing of it may be seen.
func testReexec(t *testing.T) {
	for _, c := range []struct {
		name string
		host host
		stop bool // the bus, so that systemd's own socket is used
	}{{"bus", theSystem, false}, {"user", theUser, false}, {"own socket", theSystem, true}} {
		t.Run(c.name, func(t *testing.T) {
			c.host.install(t, map[string]string{"x-up.service": sleeps})
			c.host.systemctl(t, "start", "x-up")
			if c.stop {
				theSystem.systemctl(t, "stop", "dbus.socket", "dbus.service")
				defer theSystem.systemctl(t, "start", "dbus.socket", "dbus.service")
			}
			check := c.host.check(t, "x-up")
			check.probe()
			done := make(chan struct{})
			defer func() { <-done }()
			go func() {
				defer close(done)
				for range 5 {
					args := append(append([]string{}, c.host.flag...), "daemon-reexec")
					_ = exec.Command("systemctl", args...).Run() // it may hang up before it answers
				}
			}()
			probes := 0
			for running := true; running; probes++ {
				select {
				case <-done:
					running = false
				default:
				}
				check.want(healthy, `x-up\.service active \(running\) for .*`)
			}
			t.Logf("%d probes", probes)
		})
	}
}

// testNoSystemd looks at what is said where there is no systemd at all, as far as
// that can be seen from outside: its folder is gone.
func testNoSystemd(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	isUnknown(t, theSystem.check(t, "x"), "no connection to the system bus: /nonexistent/bus: no such file or directory")
	run(t, "mv", "/run/systemd/system", "/run/systemd/away")
	defer run(t, "mv", "/run/systemd/away", "/run/systemd/system")
	isUnknown(t, theSystem.check(t, "x"), "no connection to the system bus: systemd does not run on this machine")
}

// testNoUser has no user manager: nobody is logged in.
func testNoUser(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/4711")
	isUnknown(t, theUser.check(t, "x"), "no connection to the user bus: /run/user/4711/bus: no such file or directory (is the user logged in, or does loginctl enable-linger?)")
	// A session's bus without a systemd on it is passed over.
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/0")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+sessionBus(t))
	theUser.install(t, map[string]string{"y-up.service": sleeps})
	theUser.systemctl(t, "start", "y-up")
	theUser.check(t, "y-up").want(healthy, `y-up\.service active \(running\) for .*`)
}

// sessionBus starts a message bus of its own.
func sessionBus(t *testing.T) (socket string) {
	t.Helper()
	socket = t.TempDir() + "/bus"
	daemon := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=unix:path="+socket)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	eventually(t, socket, func() bool {
		c, err := net.Dial("unix", socket)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return socket
}

// testNoRights runs TestNobody as a user without rights.
func testNoRights(t *testing.T) {
	theSystem.install(t, map[string]string{"n-up.service": sleeps, "n-bad.service": "[Service]\nExecStart=/bin/false\n"})
	theSystem.systemctl(t, "start", "n-up", "n-bad")
	theSystem.until(t, "n-bad", "ActiveState", "failed")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestNobody$", "-test.v")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestNobody") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestNobody(t *testing.T) {
	if os.Getuid() == 0 || !sandbox.Inside() {
		return // is run by testNoRights
	}
	theSystem.check(t, "n-up").want(healthy, `n-up\.service active \(running\) for .*`)
	theSystem.check(t, "n-bad").want(unhealthy, `n-bad\.service failed: exit-code 1`)
	theSystem.check(t, "n-up", "n-b*").want(degraded, `1 services down: n-bad`)
}
