package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/systemd/sandbox"
)

// A machine is a booted systemd, and root's own beside it.
type machine struct {
	*sandbox.Sandbox
	t *testing.T
}

func boot(t *testing.T) machine {
	t.Helper()
	m := machine{sandbox.Boot(t), t}
	m.Run(t, "systemctl", "start", "user@0.service")
	return m
}

// settle moves an example into the machine.
func (m machine) settle(e *example) *example {
	m.t.Helper()
	self, err := os.Executable()
	if err != nil {
		m.t.Fatal(err)
	}
	binary, from := m.Copy(m.t, self), e.dir
	e.dir = filepath.Join(m.Keep, "example")
	if err := os.CopyFS(e.dir, os.DirFS(from)); err != nil {
		m.t.Fatal(err)
	}
	e.command = func(args ...string) *exec.Cmd {
		cmd := m.Command(m.t.Context(), append([]string{"env", "--chdir=" + e.dir, binary}, args...)...)
		cmd.Env = append(cmd.Env, asPolyhealth+"=1")
		return cmd
	}
	return e
}

// write writes a file inside, and the folders that it needs.
func (m machine) write(path, text string) {
	m.t.Helper()
	m.Run(m.t, "sh", "-c", `mkdir -p "${0%/*}" && printf %s "$1" >"$0"`, path, text)
}

// units installs units of the system, or with "--user" of the user.
func (m machine) units(texts map[string]string, user ...string) {
	m.t.Helper()
	folder := "/etc/systemd/system/"
	if len(user) > 0 {
		folder = "/etc/systemd/user/"
	}
	for name, text := range texts {
		m.write(folder+name, text)
	}
	m.systemctl(append(user, "daemon-reload")...)
}

func (m machine) systemctl(args ...string) string {
	m.t.Helper()
	return strings.TrimSpace(m.Run(m.t, append([]string{"systemctl"}, args...)...))
}

// crash kills a service's process, which systemd is to start again.
func (m machine) crash(unit string, nth int) {
	m.t.Helper()
	m.systemctl("kill", "--signal=KILL", unit)
	m.Poll(m.t, "sh", "-c", `[ "$(systemctl show "$0" --value -p NRestarts -p SubState | tr '\n' ' ')" = "$1 running " ]`, unit, fmt.Sprint(nth))
}

func TestExampleServices(t *testing.T) {
	e := exampleOf(t, "services.yaml")
	m := boot(t)
	m.settle(e)
	const stays = "[Service]\nExecStart=/bin/sleep infinity\n"
	const returns = "[Unit]\nStartLimitIntervalSec=0\n" + stays + "Restart=always\nRestartSec=0\n"
	m.units(map[string]string{"nginx.service": stays, "worker@.service": stays, "postgresql@.service": returns})
	m.units(map[string]string{"syncthing.service": stays, "pipewire.service": stays}, "--user")
	m.systemctl("start", "nginx", "worker@1", "worker@2", "postgresql@15-main")
	m.systemctl("--user", "start", "syncthing", "pipewire")
	found := e.finds(
		`web healthy nginx\.service active \(running\) for .*`,
		"workers healthy All 2 services running",
		"my-session healthy All 2 services running",
		`database healthy postgresql@15-main\.service active \(running\) for .*`,
	)
	if _, err := time.ParseDuration(value[string](t, found["database"], "running_for")); err != nil {
		t.Error(err)
	}

	m.systemctl("stop", "nginx")
	m.systemctl("kill", "--signal=KILL", "worker@2")
	m.systemctl("--user", "stop", "pipewire")
	for n := range 4 {
		m.crash("postgresql@15-main", n+1)
	}
	e.finds(
		`web unhealthy nginx\.service inactive \(dead\)`,
		"workers degraded 1 services down: worker@2",
		"my-session degraded 1 services down: pipewire",
		`database degraded postgresql@15-main\.service active \(running\) for .*`,
	)

	m.systemctl("kill", "--signal=KILL", "worker@1")
	m.systemctl("--user", "stop", "syncthing")
	m.systemctl("stop", "postgresql@15-main")
	e.finds(
		"workers unhealthy 2 services down: worker@1, worker@2",
		"my-session unhealthy 2 services down: syncthing, pipewire",
		`database unhealthy postgresql@15-main\.service inactive \(dead\)`,
	)
}

// fired is a backup.timer that fired an age ago, and does so again tomorrow.
func (m machine) fired(age time.Duration) {
	m.t.Helper()
	_, _ = m.Try(m.t, "systemctl", "stop", "backup.timer") // where there is one
	m.units(map[string]string{"backup.timer": "[Timer]\nPersistent=yes\nOnCalendar=" + time.Now().UTC().AddDate(0, 0, 1).Format(time.DateTime) + " UTC\n"})
	m.Run(m.t, "mkdir", "-p", "/var/lib/systemd/timers")
	m.Run(m.t, "touch", "--date="+time.Now().Add(-age).Format(time.RFC3339), "/var/lib/systemd/timers/stamp-backup.timer")
	m.systemctl("start", "backup.timer")
}

func TestExampleCronJob(t *testing.T) {
	e := exampleOf(t, "cron-job.yaml")
	m := boot(t)
	m.settle(e)
	m.Run(t, "rm", "-rf", "/var/backups")
	e.finds(`backup unhealthy backup\.timer not found`, "backup-file unhealthy .*/var/backups.*No such file.*")

	const job = "[Service]\nType=oneshot\nExecStart=%s\n"
	m.units(map[string]string{"backup.service": fmt.Sprintf(job, "/bin/sh -c 'echo data >/var/backups/home.tar.gz'")})
	m.write("/var/backups/old.tar.gz", "data")
	m.write("/var/backups/empty.tar.gz", "")
	m.Run(t, "touch", "--date=25 hours ago", "/var/backups/old.tar.gz")
	m.fired(27 * time.Hour)
	e.finds(`backup degraded backup\.timer active \(waiting\) for .*, last triggered .* ago`, "backup-file unhealthy no backup since yesterday")

	m.fired(25 * time.Hour)
	m.systemctl("start", "backup")
	e.finds(`backup healthy backup\.timer active \(waiting\) for .*, last triggered .* ago`, "backup-file healthy /var/backups/home.tar.gz")

	m.units(map[string]string{"backup.service": fmt.Sprintf(job, "/bin/false")})
	_, _ = m.Try(t, "systemctl", "start", "backup")
	e.finds(`backup unhealthy backup\.timer started backup\.service, which failed: exit-code.*`)
	m.systemctl("reset-failed", "backup")
	m.systemctl("stop", "backup.timer")
	e.finds(`backup unhealthy backup\.timer inactive \(dead\).*`)
}

func TestExampleLaptopUnits(t *testing.T) {
	e := exampleOf(t, "laptop.yaml")
	m := boot(t)
	m.settle(e)
	e.finds("units healthy 0 of [0-9]+ units failed")
	m.units(map[string]string{"broken.service": "[Service]\nExecStart=/bin/false\n", "broken.mount": "[Mount]\nWhat=/nowhere\nWhere=/broken\n"})
	m.systemctl("start", "broken.service")
	_, _ = m.Try(t, "systemctl", "start", "broken.mount")
	found := e.finds("units degraded 2 of [0-9]+ units failed")
	if names := value[[]string](t, found["units"], "failed"); strings.Join(names, " ") != "broken.service broken.mount" {
		t.Errorf("failed are %v", names)
	}
}
