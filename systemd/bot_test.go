package systemd

import (
	"strings"
	"testing"

	"polyhealth/checktypes/checktest"
)

// A python that is a shell script: it writes down how it was started, and stays.
// The dashboard listens on its port.
const python = `#!/bin/sh
echo "$* in $PWD with $PYTHONPATH"
[ "$2" = dashboard ] && exec python3 -m http.server 5050
exec sleep 100000
`

const botChecks = `version: 1
server: {listen: "127.0.0.1:5051"}
storage: {path: health.db}
checks:
  services:
    systemd: {units: [polymarket-trader, polymarket-dashboard, polymarket-monitor], scope: user}
    interval: 1s
    timeout: 1s
`

// The bot's services, in the order of their start.
const (
	trader    = "polymarket-trader"
	dashboard = "polymarket-dashboard"
	monitor   = "polymarket-monitor"
	watcher   = "polymarket-health"
)

var services = []string{trader, dashboard, monitor, watcher}

// TestPolymarket installs and runs the bot's services, with the real polyhealth.
func TestPolymarket(t *testing.T) {
	for _, program := range []string{"python3", "fuser", "curl"} {
		checktest.Need(t, program)
	}
	m := boot(t)
	bot := m.user(t, "bot")
	m.write(t, bot.home+"/miniconda3/envs/polymarket/bin/python", python)
	m.Run(t, "chmod", "755", bot.home+"/miniconda3/envs/polymarket/bin/python")
	m.write(t, bot.home+"/polymarket/checks.yaml", botChecks)
	m.Run(t, "install", "-D", m.build(t), bot.home+"/.local/bin/polyhealth")
	m.Run(t, "chown", "-R", "bot:bot", bot.home)
	script := m.bots + "/install.sh"

	bot.run(t, script, "--no-start")
	enabled(t, bot)
	firstStart(t, bot, script)
	secondInstall(t, bot, script)

	m.Run(t, "kill", "-KILL", bot.property(t, monitor, "MainPID"))
	m.says(t, health, "1 services down: polymarket-monitor")
	bot.until(t, monitor, "NRestarts", "1")
	m.says(t, health, `"All 3 services running"`)

	bot.systemctl(t, "reload", watcher)
	m.write(t, bot.home+"/polymarket/checks.yaml", badFile)
	if out, err := bot.try(t, "systemctl", "--user", "reload", watcher); err == nil {
		t.Errorf("a reload of a bad file worked: %s", out)
	}
	m.says(t, health, "All 3 services running")
}

// enabled looks at services that were installed and not started.
func enabled(t *testing.T, bot account) {
	t.Helper()
	for _, unit := range services {
		if s := bot.property(t, unit, "UnitFileState") + " " + bot.property(t, unit, "ActiveState"); s != "enabled inactive" {
			t.Errorf("%s is %s after --no-start", unit, s)
		}
		if s := bot.property(t, unit, "Restart") + " " + bot.property(t, unit, "RestartUSec"); s != "always 10s" {
			t.Errorf("%s restarts %s, want always 10s", unit, s)
		}
	}
	for _, unit := range []string{trader, dashboard} {
		if s := bot.property(t, unit, "ExecStartPre"); !strings.Contains(s, "argv[]=/usr/bin/fuser -k 5050/tcp ; ignore_errors=yes") {
			t.Errorf("%s runs before it starts: %s", unit, s)
		}
	}
}

// firstStart starts the services while a process of an earlier run holds the port.
func firstStart(t *testing.T, bot account, script string) {
	t.Helper()
	bot.run(t, "systemd-run", "--user", "--unit=stale", "python3", "-m", "http.server", "5050")
	bot.says(t, "http://localhost:5050/", "Directory listing")
	bot.run(t, script)
	bot.until(t, "stale", "ActiveState", "failed")
	for _, unit := range services {
		if s := bot.property(t, unit, "ActiveState"); s != "active" {
			t.Errorf("%s is %s after install.sh", unit, s)
		}
		bot.Run(t, "test", "-e", bot.home+"/polymarket/logs/"+strings.TrimPrefix(unit, "polymarket-")+".log")
	}
	bot.says(t, "http://localhost:5050/", "Directory listing")
	bot.says(t, health, "All 3 services running")
	want := "-m trader in " + bot.home + "/polymarket with " + bot.home + "/polymarket"
	if log := bot.Run(t, "cat", bot.home+"/polymarket/logs/trader.log"); !strings.Contains(log, want) {
		t.Errorf("the trader's log holds %q, not %q", log, want)
	}
}

// secondInstall restarts nothing, and a third, of one changed unit, only that.
func secondInstall(t *testing.T, bot account, script string) {
	t.Helper()
	traded, watched := bot.property(t, trader, "MainPID"), bot.property(t, watcher, "MainPID")
	bot.run(t, script)
	if now := bot.property(t, trader, "MainPID"); now != traded {
		t.Errorf("the trader was restarted by the second install.sh: %s, then %s", traded, now)
	}
	bot.Run(t, "sed", "-i", "s/trading bot/trader/", bot.bots+"/polymarket-trader.service")
	bot.run(t, script)
	if now := bot.property(t, trader, "MainPID"); now == traded {
		t.Error("the trader's unit changed, and it was not restarted")
	}
	if now := bot.property(t, watcher, "MainPID"); now != watched {
		t.Error("the trader's unit changed, and polyhealth was restarted")
	}
}
