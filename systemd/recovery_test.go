package systemd

import (
	"strings"
	"testing"

	"polyhealth/checktypes/checktest"
)

const restartFile = `server: {listen: "127.0.0.1:5051"}
checks:
  trader:
    command: ["true"]
    recovery: {settle: 1s, steps: [{restart_unit: trader}]}
  other:
    command: ["true"]
    recovery: {settle: 1s, steps: [{restart_unit: trader}, {restart_unit: other}]}
`

// TestRestartUnprivileged lets an ordinary user's polyhealth restart units: none without
// the rule that polkit-rules prints, with it those of the file for which it was printed,
// and no others.
func TestRestartUnprivileged(t *testing.T) {
	checktest.Need(t, "polkitd", "/usr/lib/polkit-1")
	m := boot(t)
	program := m.build(t)
	m.Run(t, "useradd", "--create-home", "watcher")
	for _, unit := range []string{"trader", "other"} {
		m.write(t, "/run/systemd/system/"+unit+".service", "[Service]\nExecStart=/bin/sleep 1000\n")
	}
	m.write(t, "/home/watcher/checks.yaml", restartFile)
	m.Run(t, "chown", "-R", "watcher", "/home/watcher")
	m.Run(t, "systemctl", "daemon-reload")
	m.Run(t, "systemctl", "start", "trader", "other")
	m.Run(t, "systemd-run", "--uid=watcher", "--unit=watching", "--working-directory=/home/watcher", program, "run", "checks.yaml")
	m.says(t, health, `"trader"`)
	watcher := account{m, "watcher", "/home/watcher", "/nowhere", nil}
	before := m.Run(t, "systemctl", "show", "trader", "other", "--property=MainPID")

	out, err := watcher.try(t, program, "recover", "trader")
	if err == nil || !strings.Contains(out, "polyhealth polkit-rules") {
		t.Fatalf("without a rule: %v\n%s", err, out)
	}
	if now := m.Run(t, "systemctl", "show", "trader", "other", "--property=MainPID"); now != before {
		t.Fatalf("without a rule something was restarted: %s, %s before", now, before)
	}

	// A rule for a file that restarts the trader alone.
	m.write(t, "/root/less.yaml", strings.Replace(restartFile, ", {restart_unit: other}", "", 1))
	rule := m.Run(t, program, "polkit-rules", "--config", "/root/less.yaml", "--user", "watcher")
	m.write(t, "/etc/polkit-1/rules.d/50-polyhealth.rules", rule)
	m.Run(t, "systemctl", "restart", "polkit")
	if out := watcher.run(t, program, "recover", "trader"); !strings.Contains(out, "done after") {
		t.Errorf("with the rule: %s", out)
	}
	if now := m.Run(t, "systemctl", "show", "trader", "--property=MainPID"); strings.Contains(before, strings.TrimSpace(now)+"\n") {
		t.Errorf("the trader was not restarted: %s", now)
	}
	if out, err := watcher.try(t, program, "recover", "other", "--step", "2"); err == nil || !strings.Contains(out, "systemd refused") {
		t.Errorf("another unit: %v\n%s", err, out)
	}
	if out, err := watcher.try(t, "systemctl", "stop", "--no-ask-password", "trader"); err == nil {
		t.Errorf("the rule lets it be stopped: %s", out)
	}

	// One that failed, and was started too often, is restarted as well.
	m.Run(t, "systemctl", "kill", "--signal=KILL", "trader")
	m.root().until(t, "trader", "ActiveState", "failed")
	watcher.run(t, program, "recover", "trader")
	if s := m.root().property(t, "trader", "ActiveState"); s != "active" {
		t.Errorf("the trader is %s", s)
	}
	if out := watcher.run(t, program, "recovery", "trader"); !strings.Contains(out, "restart trader") || !strings.Contains(out, "done") {
		t.Errorf("recovery prints\n%s", out)
	}
}
