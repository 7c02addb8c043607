package cli

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"polyhealth/systemd/sandbox"
)

// TestBusAway takes the system's message bus away from a running daemon, in every
// way in which that happens, and brings it back. It runs itself in a machine of its
// own.
func TestBusAway(t *testing.T) {
	if !sandbox.Inside() {
		t.Parallel()
		sandbox.Boot(t).Test(t, "^TestBusAway$")
		return
	}
	const socket = "/run/dbus/system_bus_socket"
	if err := os.WriteFile("/run/systemd/system/fault.service", []byte("[Service]\nExecStart=sleep infinity\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	system(t, "systemctl", "daemon-reload")
	system(t, "systemctl", "start", "fault", "dbus.socket", "dbus.service")
	dir := t.TempDir()
	write(t, dir, "checks.yaml", checksFile(canary+
		"  unit: {systemd: fault.service, interval: 300ms, timeout: 2s, thresholds: {unhealthy: 1}}\n"))
	p := admit(t, dir, "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+socket) // and systemd's own socket is not tried
	is := func(status, message string) {
		t.Helper()
		eventually(t, ample, "the unit is "+status+" "+message, func() bool {
			r, _ := p.component("unit")
			return r.Status.String() == status && strings.Contains(r.Message, message)
		})
	}
	pid := func() string { return system(t, "systemctl", "show", "dbus", "--value", "-p", "MainPID") }
	is("healthy", "active (running)")
	for _, c := range []struct {
		name       string
		away, back func()
		says       string
	}{
		{"stopped", func() { system(t, "systemctl", "stop", "dbus.socket", "dbus.service") },
			func() { system(t, "systemctl", "start", "dbus.socket", "dbus.service") }, "no connection to the system bus"},
		{"killed, and its socket removed", func() {
			system(t, "kill", "-KILL", pid())
			system(t, "systemctl", "stop", "dbus.socket", "dbus.service")
			system(t, "rm", "-f", socket)
		}, func() {
			system(t, "systemctl", "reset-failed")
			system(t, "systemctl", "start", "dbus.socket", "dbus.service")
		}, "no connection to the system bus: " + socket + ": no such file or directory"},
		{"frozen", func() { system(t, "kill", "-STOP", pid()) }, func() { system(t, "kill", "-CONT", pid()) }, "timed out after 2s"},
	} {
		t.Log("the bus is", c.name)
		c.away()
		is("unknown", c.says)
		p.sings(t)
		c.back()
		is("healthy", "active (running)")
	}
	p.survived(t, 200)
	if log := p.logged(); strings.Contains(log, "is unhealthy") || strings.Contains(log, "is degraded") {
		t.Errorf("the unit was blamed:\n%s", log)
	}
}

// system runs a program and returns what it prints.
func system(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return strings.TrimSpace(string(out))
}
