package survey

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polyhealth/checktypes/systemd"
	"polyhealth/engine/cli/draft"
)

// Draft writes a check of each thing that was found, with why it is there.
func (m *Machine) Draft() *draft.Map {
	file := &draft.Map{}
	file.Comment("Proposed by polyhealth init, from what it found on this machine.\n" +
		"Take out what is of no interest, and put in what is: polyhealth explain tells all keys.")
	file.Set("version", draft.Number(1))
	file.In("defaults").Set("interval", draft.Plain("1m"))
	ops := &draft.Map{}
	telegram := &draft.Map{Flow: true}
	telegram.Set("token", draft.Text("${TELEGRAM_BOT_TOKEN}"))
	telegram.Set("chat_id", draft.Plain("-1001234567890"))
	ops.In("ops").Set("telegram", telegram)
	file.Set("routes", ops).Note("Alerts go to routes: name them in defaults, by routes: [ops].").Off = true
	checks := file.In("checks")
	m.services(checks)
	for _, l := range m.Listeners {
		l.check(checks)
	}
	for _, d := range m.Databases {
		d.check(checks)
	}
	for _, mount := range m.Mounts {
		mount.check(checks)
	}
	memory(checks)
	return file
}

// ordinary are services of systemd and of every machine: when they are gone, so is
// much else, and polyhealth.
var ordinary = []string{"systemd-", "user@", "getty@", "serial-getty@", "console-getty", "container-getty@", "dbus", "polkit", "polyhealth"}

func (m *Machine) services(checks *draft.Map) {
	if m.NoSystemd != nil {
		checks.Comment("no systemd units: %v", m.NoSystemd)
	}
	for _, s := range m.Services {
		usual := slices.ContainsFunc(ordinary, func(prefix string) bool { return strings.HasPrefix(s.ID, prefix) })
		if !s.Failed && (usual || !s.Enabled) {
			continue
		}
		c := &draft.Map{}
		c.Set("systemd", draft.Text(s.ID))
		add(checks, strings.TrimSuffix(s.ID, ".service"), c).Note("%s", why(s))
	}
}

// why is why a unit is worth a check.
func why(s systemd.Service) string {
	text := "a service that is enabled, and runs"
	if s.Failed {
		text = "a unit that has failed"
		if s.Result != "" && s.Result != "success" {
			text += " (" + s.Result + ")"
		}
	}
	if s.Description != "" && s.Description != s.ID {
		text += ": " + s.Description
	}
	return text
}

// add adds a check by a name that is free.
func add(checks *draft.Map, name string, c *draft.Map) *draft.Part {
	runes := []rune(name)
	return checks.Set(checks.Free(string(runes[:min(len(runes), 90)])), c)
}

// check checks a port: by HTTP where it answered to it, else by connecting.
func (l *Listener) check(checks *draft.Map) {
	if l.Program == "polyhealth" {
		return
	}
	name := fmt.Sprintf("%s-%d", orElse(l.Program, "port"), l.Port)
	seen := fmt.Sprintf("%s listens on port %d", orElse(l.Program, "a program"), l.Port)
	if !l.Public {
		seen += ", for this machine only"
	}
	if l.Answer.Status > 0 {
		add(checks, name, l.Answer.check()).Note("%s, and answered %d to GET /", seen, l.Answer.Status)
		return
	}
	c := &draft.Map{}
	c.Set("command", draft.Texts("bash", "-c", "exec 3<>/dev/tcp/$0/$1", l.Address.String(), strconv.Itoa(l.Port)))
	add(checks, name, c).Note("%s", seen)
	if l.Answer.URL == "" && slices.Contains(webPorts, l.Port) {
		web := add(checks, name+"-http", Answer{Status: 200, URL: l.url()}.check())
		web.Off = true
		web.Note("port %d often speaks HTTP: instead of the one above (polyhealth init --probe asks it)", l.Port)
	}
}

// check is healthy as long as the answer stays as good as it was.
func (a Answer) check() *draft.Map {
	c, h := &draft.Map{}, &draft.Map{}
	h.Set("url", draft.Text(a.URL))
	if a.Status >= 300 && a.Status < 400 {
		h.Set("follow_redirects", draft.Plain("false"))
	}
	rules := &draft.Map{}
	if a.Status >= 400 && a.Status < 500 {
		rules.Set("unhealthy", draft.Text("status >= 500"))
	}
	if strings.HasPrefix(a.URL, "https:") {
		h.In("tls").Set("insecure_skip_verify", draft.Plain("true")).Note("the certificate is not for this address")
		if a.Status < 400 || a.Status >= 500 {
			rules.Set("unhealthy", draft.Text("status >= 400"))
		}
		rules.Set("degraded", draft.Text(`cert_expires_in < "14d"`))
	}
	if url := h.Only("url"); url != nil {
		c.Set("http", url)
	} else {
		c.Set("http", h)
	}
	if len(rules.Live()) > 0 {
		c.Set("rules", rules)
	}
	return c
}

// check is a comment, since nobody knows the user here.
func (d Database) check(checks *draft.Map) {
	sql := &draft.Map{}
	sql.Set("driver", draft.Text(d.Driver))
	sql.Set("dsn", draft.Text(d.DSN))
	sql.Set("query", draft.Text("SELECT 1 AS up"))
	c := &draft.Map{}
	c.Set("sql", sql)
	p := add(checks, d.Driver, c)
	p.Off = true
	p.Note("%s is at %s: give it a user that may log in, and say so here", d.Title, d.At)
}

// used is the share of a disk that is, of what df prints.
const used = `int(trim(replace(last(split(trim(stdout), "\n")), "%", "")))`

func (m Mount) check(checks *draft.Map) {
	name := "disk"
	if m.Path != "/" {
		name += "-" + strings.ReplaceAll(strings.Trim(m.Path, "/"), "/", "-")
	}
	c, rules := &draft.Map{}, &draft.Map{}
	c.Set("command", draft.Texts("df", "--output=pcent", draft.Escape(m.Path)))
	rules.Set("unhealthy", draft.Text("exit_code != 0 or "+used+" >= 95"))
	rules.Set("degraded", draft.Text(used+" >= 85"))
	c.Set("rules", rules)
	c.Set("message", draft.Text(`{{ trim(last(split(trim(stdout), "\n"))) }} used`))
	note := "the disk of " + m.Path
	if m.Type != "" {
		note += " (" + m.Type + ")"
	}
	add(checks, draft.Escape(name), c).Note("%s", note)
}

func memory(checks *draft.Map) {
	c, rules := &draft.Map{}, &draft.Map{}
	c.In("command").Set("shell", draft.Text(`awk '/^MemTotal/ {all=$2} /^MemAvailable/ {print int($2 * 100 / all)}' /proc/meminfo`))
	rules.Set("degraded", draft.Text("int(trim(stdout)) < 10"))
	c.Set("rules", rules)
	c.Set("message", draft.Text("{{ trim(stdout) }} % of memory available"))
	add(checks, "memory", c).Note("what programs may still take")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
