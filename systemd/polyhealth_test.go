package systemd

import (
	"strings"
	"testing"

	"polyhealth/checktypes/checktest"
)

const (
	health   = "http://localhost:5051/health"
	someFile = "version: 1\nchecks:\n  %: {command: [\"true\"], interval: 1s, timeout: 1s}\n"
	badFile  = "version: 1\nchecks:\n  one: {comand: [\"true\"]}\n"
)

// TestPolyhealth installs polyhealth for the machine and for a user, and lives with
// it: starts, reloads, stops and kills it.
func TestPolyhealth(t *testing.T) {
	checktest.Need(t, "curl")
	m := boot(t)
	program := m.build(t)
	t.Run("system", func(t *testing.T) {
		a := m.root()
		live(t, a, "/etc/polyhealth/checks.yaml", m.ours+"/install.sh", "--binary", program)
		m.has(t, "/usr/local/bin/polyhealth", "root 755")
		m.has(t, "/etc/polyhealth/checks.yaml", "root 640")
		m.has(t, "/var/lib/polyhealth", "polyhealth 750")
		m.Run(t, "sh", "-c", `[ "$(stat --format=%U /var/lib/polyhealth/polyhealth.db)" = polyhealth ]`)
		m.has(t, "/run/polyhealth/admin.sock", "polyhealth 600")
		hurt(t, a, "/etc/polyhealth/checks.yaml")
	})
	t.Run("user", func(t *testing.T) {
		a := m.user(t, "someone")
		file := a.home + "/.config/polyhealth/checks.yaml"
		live(t, a, file, m.ours+"/install.sh", "--user", "--binary", program)
		m.has(t, a.home+"/.local/bin/polyhealth", "someone 755")
		m.has(t, file, "someone 600")
		m.has(t, a.runtime+"/polyhealth/admin.sock", "someone 600")
		hurt(t, a, file)
	})
}

// live installs polyhealth, twice, and reloads it with a good and with a bad file.
func live(t *testing.T, a account, file string, install ...string) {
	t.Helper()
	a.run(t, append(install, "--no-start")...)
	if s := a.property(t, "polyhealth", "UnitFileState") + " " + a.property(t, "polyhealth", "ActiveState"); s != "enabled inactive" {
		t.Fatalf("the service is %s after --no-start", s)
	}
	a.run(t, install...)
	a.says(t, health, `"journal"`)
	a.says(t, health, "systemd-journald.service active (running)")
	if text := a.property(t, "polyhealth", "StatusText"); text == "" {
		t.Error("the service has no status text")
	}
	pid := a.property(t, "polyhealth", "MainPID")
	a.run(t, install...)

	a.replace(t, file, "reloaded")
	a.systemctl(t, "reload", "polyhealth")
	a.says(t, health, `"reloaded"`)
	a.Run(t, "sh", "-c", `printf %s "$1" >"$0"`, file, badFile)
	out, err := a.try(t, append(append([]string{"systemctl"}, a.flag...), "reload", "polyhealth")...)
	if err == nil {
		t.Errorf("a reload of a bad file worked: %s", out)
	}
	a.says(t, health, `"reloaded"`)
	if s := a.property(t, "polyhealth", "ActiveState"); s != "active" {
		t.Errorf("after a refused reload the service is %s", s)
	}
	if now := a.property(t, "polyhealth", "MainPID"); now != pid {
		t.Errorf("it was restarted: process %s, then %s", pid, now)
	}
	a.replace(t, file, "reloaded")
}

// replace writes a file with one check of the given name over another.
func (a account) replace(t *testing.T, file, name string) {
	t.Helper()
	a.Run(t, "sh", "-c", `printf %s "$1" >"$0"`, file, strings.Replace(someFile, "%", name, 1))
}

// hurt kills, hangs and stops a running polyhealth.
func hurt(t *testing.T, a account, file string) {
	t.Helper()
	a.Run(t, "kill", "-KILL", a.property(t, "polyhealth", "MainPID"))
	a.until(t, "polyhealth", "NRestarts", "1")
	a.until(t, "polyhealth", "ActiveState", "active")
	a.says(t, health, `"reloaded"`)

	// It feeds a watchdog that is twenty times as strict, and is ended by it when
	// it hangs.
	folder := map[bool]string{true: "/etc/systemd/system", false: a.home + "/.config/systemd/user"}[a.flag == nil]
	a.write(t, folder+"/polyhealth.service.d/strict.conf", "[Service]\nWatchdogSec=1500ms\nTimeoutStopSec=1\nRestartSec=0\n")
	a.systemctl(t, "daemon-reload")
	a.systemctl(t, "restart", "polyhealth")
	a.Poll(t, "sh", "-c", `[ "$(ps -o etimes= -p "$0")" -ge 5 ]`, a.property(t, "polyhealth", "MainPID"))
	if n := a.property(t, "polyhealth", "NRestarts"); n != "0" {
		t.Errorf("it was restarted %s times within five seconds", n)
	}
	a.Run(t, "kill", "-STOP", a.property(t, "polyhealth", "MainPID"))
	a.until(t, "polyhealth", "NRestarts", "1")
	a.until(t, "polyhealth", "ActiveState", "active")
	a.Run(t, "rm", folder+"/polyhealth.service.d/strict.conf")
	a.systemctl(t, "daemon-reload")

	a.systemctl(t, "stop", "polyhealth")
	if s := a.property(t, "polyhealth", "ActiveState") + " " + a.property(t, "polyhealth", "Result"); s != "inactive success" {
		t.Errorf("after a stop it is %s", s)
	}
	a.Run(t, "sh", "-c", `printf %s "$1" >"$0"`, file, badFile)
	if out, err := a.try(t, append(append([]string{"systemctl"}, a.flag...), "start", "polyhealth")...); err == nil {
		t.Errorf("it started with a bad file: %s", out)
	}
	if s := a.property(t, "polyhealth", "ActiveState") + " " + a.property(t, "polyhealth", "ExecMainStatus"); s != "failed 78" {
		t.Errorf("with a bad file it is %s, want failed 78 and no more tries", s)
	}
}
