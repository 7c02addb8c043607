package systemd

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
)

// The bot's secrets and addresses, as its README names them.
const dotenv = `POLYMARKET_API_URL=http://localhost:8080/time
POLYMARKET_WS_URL=ws://localhost:8080/ws
POLYMARKET_WS_SUBSCRIBE='` + subscription + `'
`

// TestPolymarketReadme does what the bot's README tells, in order and with the
// bot's own file, and then lets each of the five components fail.
func TestPolymarketReadme(t *testing.T) {
	for _, program := range []string{"python3", "fuser", "curl", "sqlite3"} {
		checktest.Need(t, program)
	}
	m := boot(t)
	bot := m.user(t, "bot")
	try, install, look := bot.readme(t)

	out := bot.shell(t, try)
	for _, want := range []string{"checks.yaml: valid, 5 checks\n", "trading_activity  ✓ healthy", " 2 triggers/1h, 1 orders/24h"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nprints no %q:\n%s", try, want, out)
		}
	}
	bot.finds(t, "polyhealth check --format json",
		"database healthy 2 orders on record", "api unknown not configured: POLYMARKET_API_URL",
		"websocket unknown not configured: POLYMARKET_WS_URL", "services unhealthy 3 services down: .*",
		"trading_activity healthy 2 triggers/1h, 1 orders/24h")

	m.exchange(t)
	m.write(t, bot.home+"/polymarket/.env", dotenv)
	bot.shell(t, install)
	found := bot.finds(t, "curl --silent "+health, wellBot...)
	if got := string(found["trading_activity"].Metadata); got != `{"triggers_last_hour":2,"orders_last_day":1}` {
		t.Errorf("the metadata of trading_activity is %s", got)
	}
	if out := bot.shell(t, look); strings.Count(out, "active (running)") != 4 || !strings.Contains(out, `{"status":"healthy",`) {
		t.Errorf("%s\nprints\n%s", look, out)
	}
	bot.told(t, "1")
	botFails(t, bot)
}

// wellBot is what the five components say while all is well.
var wellBot = []string{
	"database healthy 2 orders on record", "api healthy 200 in .*", "websocket healthy connected, [0-9]+ messages?, last .* ago",
	"services healthy All 3 services running", "trading_activity healthy 2 triggers/1h, 1 orders/24h",
}

// readme lays the bot out as its README says, and returns the README's commands:
// to try it, to install it, and to look at it.
func (a account) readme(t *testing.T) (try, install, look string) {
	t.Helper()
	project := a.home + "/polymarket"
	a.Run(t, "cp", "--recursive", a.copy(t, "bot", bots+"/.."), project)
	a.write(t, a.home+"/miniconda3/envs/polymarket/bin/python", python)
	a.Run(t, "chmod", "755", a.home+"/miniconda3/envs/polymarket/bin/python")
	a.Run(t, "install", "-D", a.build(t), a.home+"/.local/bin/polyhealth")
	a.Run(t, "chown", "-R", a.name+":"+a.name, a.home)
	text, err := os.ReadFile(bots + "/../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllSubmatch(text, -1)
	if len(found) != 3 {
		t.Fatalf("the README has %d blocks of commands", len(found))
	}
	return string(found[0][1]), string(found[1][1]), string(found[2][1])
}

// shell runs lines in the bot's folder, with polyhealth in PATH.
func (a account) shell(t *testing.T, lines string) string {
	t.Helper()
	return a.run(t, "sh", "-euc", `cd ~/polymarket; PATH=~/.local/bin:$PATH; eval "$0"`, lines)
}

// A component is what polyhealth says of a check.
type component struct {
	Name, Status, Message string
	Metadata              json.RawMessage
}

// finds runs a command that prints components as JSON until they are as the lines
// say: NAME STATUS MESSAGE, as a regular expression.
func (a account) finds(t *testing.T, command string, lines ...string) map[string]component {
	t.Helper()
	var out, wrong string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var all struct{ Components []component }
		out = a.shell(t, command+" || true")
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			wrong = err.Error()
			continue
		}
		found := map[string]component{}
		wrong = ""
		for _, c := range all.Components {
			found[c.Name] = c
		}
		for _, line := range lines {
			name, _, _ := strings.Cut(line, " ")
			c := found[name]
			if is := c.Name + " " + c.Status + " " + c.Message; !regexp.MustCompile("^(?:" + line + ")$").MatchString(is) {
				wrong += "is    " + is + "\nwant  " + line + "\n"
			}
		}
		if wrong == "" {
			return found
		}
	}
	t.Fatalf("not within a minute:\n%s\n%s", wrong, out)
	return nil
}

// told compares what the metrics and the table say of the database.
func (a account) told(t *testing.T, value string) {
	t.Helper()
	a.says(t, "http://localhost:5051/metrics", `polymarket_health_status{component="database"} `+value)
	status := map[string]string{"1": "healthy", "0": "unhealthy"}[value]
	a.Poll(t, "sh", "-c", `[ "$(sqlite3 -readonly "$0" "$1")" = "$2" ]`, a.home+"/polymarket/health.db",
		"SELECT count(*), max(CASE service_name WHEN 'database' THEN status END) FROM service_health", "5|"+status)
}

// botFails lets each component of the running bot fail, and be well again.
func botFails(t *testing.T, bot account) {
	t.Helper()
	get := "curl --silent " + health
	// Its tests are of the file as it stands.
	bot.shell(t, `sed -i '/^tests:/,$d; s/interval: 30s/interval: 1s/; s/"60s"/"3s"/' checks.yaml`)

	bot.shell(t, "curl --silent 'localhost:8080/be?time=404&feed=silent'; sqlite3 polymarket.db 'DELETE FROM triggers; DELETE FROM orders'")
	bot.systemctl(t, "stop", monitor)
	bot.finds(t, get, "database healthy 0 orders on record", "api degraded 404 in .*", "websocket degraded connected, .*",
		"services degraded 1 services down: polymarket-monitor", "trading_activity healthy 0 triggers/1h, 0 orders/24h")
	bot.shell(t, `sqlite3 polymarket.db "INSERT INTO triggers (market, price, created_at) VALUES
		('a', 1, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-10 minutes')), ('a', 1, strftime('%Y-%m-%dT%H:%M:%f', 'now', '-70 minutes'))"`)
	bot.finds(t, get, "trading_activity healthy 1 triggers/1h, 0 orders/24h")

	bot.shell(t, "curl --silent 'localhost:8080/be?time=503'; mv polymarket.db away.db")
	bot.systemctl(t, "stop", trader, dashboard)
	bot.finds(t, get, "database unhealthy .*", "api unhealthy 503 in .*", "websocket healthy connected, .*",
		"services unhealthy 3 services down: polymarket-trader, polymarket-dashboard, polymarket-monitor", "trading_activity unhealthy .*")
	bot.told(t, "0")

	bot.Run(t, "systemctl", "stop", "exchange")
	bot.finds(t, get, "api unhealthy .*connection refused.*", "websocket unhealthy not connected: .*connection refused.*")

	bot.exchange(t)
	bot.shell(t, "sqlite3 polymarket.db <schema.sql")
	bot.systemctl(t, "start", trader, dashboard, monitor)
	bot.finds(t, get, wellBot...)
	bot.told(t, "1")
}
