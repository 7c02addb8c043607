package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polyhealth/engine"
	"polyhealth/schema"
)

// modeline tells an editor the schema of a file in the root of the tree.
const modeline = "# yaml-language-server: $schema=schema/polyhealth.schema.json\n"

// Editors complete keys, values and whole entries, from the schema alone.
func TestEditorCompletes(t *testing.T) {
	e := openEditor(t)
	keysOf := func(config any, but ...string) (names []string) {
		for _, k := range schema.Describe(config, nil) {
			if !slices.Contains(but, k.Name) {
				names = append(names, k.Name)
			}
		}
		return names
	}
	type_ := func(name string) any {
		for _, typ := range registry().Types {
			if typ.Name == name {
				return typ.Config
			}
		}
		t.Fatal(name)
		return nil
	}
	check := keysOf(engine.CheckKeys{})
	for _, c := range []struct {
		name, text string
		want       []string
		no         []string
	}{
		{"a check's keys", "checks:\n  shop:\n    |\n", append(check, "http", "sql", "websocket", "systemd", "command"), []string{"url", "checks"}},
		{"what is there already", "checks:\n  shop:\n    http: http://x/\n    interval: 5s\n    |\n", []string{"timeout", "rules"}, []string{"http", "interval"}},
		{"http's keys", "checks:\n  shop:\n    http:\n      url: http://x/\n      |\n", keysOf(type_("http"), "url"), []string{"url", "interval", "driver"}},
		{"sql's keys", "checks:\n  shop:\n    sql:\n      |\n", keysOf(type_("sql")), []string{"url"}},
		{"a key that is begun", "checks:\n  shop:\n    http: http://x/\n    int|\n", []string{"interval"}, nil},
		{"rules", "checks:\n  shop:\n    http: http://x/\n    rules:\n      |\n", []string{"unknown", "unhealthy", "degraded", "healthy"}, []string{"interval"}},
		{"tls, within http", "checks:\n  shop:\n    http:\n      url: https://x/\n      tls:\n        |\n", []string{"ca", "cert", "key", "server_name", "insecure_skip_verify", "min_version"}, nil},
		{"an enum", "checks:\n  shop:\n    sql:\n      driver: |\n", []string{"sqlite", "postgres", "mysql"}, []string{"text"}},
		{"another", "checks:\n  shop:\n    command:\n      argv: [ls]\n      format: |\n", []string{"text", "json", "nagios"}, []string{"sqlite"}},
		{"true and false", "checks:\n  shop:\n    http: http://x/\n    critical: |\n", []string{"true", "false"}, nil},
		{"a route's keys", "routes:\n  ops:\n    |\n", []string{"on", "cooldown", "telegram", "webhook", "email"}, []string{"interval"}},
		{"a route's statuses", "routes:\n  ops:\n    on:\n      - |\n", []string{"degraded", "unhealthy", "unknown"}, []string{"healthy"}},
		{"the top", "|\n", []string{"version", "server", "storage", "defaults", "routes", "checks"}, []string{"http"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e.t = t
			var labels []string
			for _, item := range e.complete(modeline + c.text) {
				labels = append(labels, item.Label)
				if strings.HasPrefix(item.InsertText, item.Label+":") && len(item.Documentation) < 10 {
					t.Errorf("%s is offered without a word: %s", item.Label, item.Documentation)
				}
			}
			for _, want := range c.want {
				if !slices.Contains(labels, want) {
					t.Errorf("%s is not offered: %q", want, labels)
				}
			}
			for _, no := range c.no {
				if slices.Contains(labels, no) {
					t.Errorf("%s is offered: %q", no, labels)
				}
			}
		})
	}
}

// What is inserted is a start, and no more: what must be given, with an example.
func TestEditorInserts(t *testing.T) {
	e := openEditor(t)
	for _, c := range []struct{ text, label, want string }{
		{"checks:\n  |\n", "http", "${1:name}:\n  http: ${2:https://example.org/health}"},
		{"checks:\n  |\n", "sql", "${1:name}:\n  sql:\n    driver: ${2|sqlite,postgres,mysql|}\n    dsn: ${3:postgres://probe:\\${DB_PASSWORD\\}@127.0.0.1:5432/markets}\n    query: ${4:SELECT count(*) AS n FROM orders WHERE status = ?}"},
		{"routes:\n  |\n", "telegram", "${1:name}:\n  telegram:\n    token: ${2:\\${TELEGRAM_BOT_TOKEN\\}}\n    chat_id: ${3:-1001234567890}"},
		{"checks:\n  shop:\n    |\n", "http", "http: ${1:https://example.org/health}"},
		{"checks:\n  shop:\n    |\n", "timeout", "timeout: ${1:5s}"},
		{"checks:\n  shop:\n    |\n", "rules", "rules:\n  "},
		{"checks:\n  shop:\n    http:\n      url: http://x/\n      |\n", "headers", "headers: \n  ${1:Accept}: ${2:application/json}\n"},
		{"|\n", "server", "server:\n  "},
		{"|\n", "checks", "checks:\n  "},
	} {
		found := false
		for _, item := range e.complete(modeline + c.text) {
			if item.Label == c.label {
				found = true
				if item.InsertText != c.want {
					t.Errorf("%q: %s inserts %q, want %q", c.text, c.label, item.InsertText, c.want)
				}
			}
		}
		if !found {
			t.Errorf("%q: %s is not offered", c.text, c.label)
		}
	}
}

// Each key says what it is for when the mouse is over it.
func TestEditorHovers(t *testing.T) {
	e := openEditor(t)
	for text, want := range map[string]string{
		"checks:\n  shop:\n    http: http://x/\n    inter|val: 5s\n":                              "interval between the starts of two probes; 30s by default.",
		"checks:\n  shop:\n    ht|tp: http://x/\n":                                                "Asks a web server and looks at its answer, its certificate and its timing. The short form of url: What to ask for",
		"checks:\n  shop:\n    ht|tp: {url: http://x/}\n":                                         "Asks a web server and looks at its answer, its certificate and its timing.",
		"checks:\n  shop:\n    http: {u|rl: http://x/}\n":                                         "What to ask for, beginning with http:// or https://.",
		"checks:\n  sh|op:\n    http: http://x/\n":                                                "A check: a name of yours, one type (http, sql, websocket, systemd, command, composite), and what all checks may have.",
		"checks:\n  shop:\n    http: http://x/\n    rules: {deg|raded: \"true\"}\n":               "degraded rules say that the component works less well than it should.",
		"checks:\n  shop:\n    sql: {dri|ver: sqlite, dsn: x, query: y}\n":                        "The kind of database: sqlite, postgres, or mysql, which is also for MariaDB.",
		"routes:\n  ops: {webhook: http://x/, cool|down: 5m}\nchecks: {a: {command: [ls]}}\n":     "cooldown is the least time between two alerts on one component; 15m by default.",
		"routes:\n  ops: {tele|gram: {token: x, chat_id: 1}}\nchecks: {a: {command: [ls]}}\n":     "Sends alerts to a Telegram chat by a bot.",
		"ser|ver: {listen: \"x:1\"}\nchecks: {a: {command: [ls]}}\n":                              "server is where polyhealth answers.",
		"check|s: {a: {command: [ls]}}\n":                                                         "checks are what is watched, by name.",
		"checks:\n  shop:\n    http:\n      url: http://x/\n      tls: {min_ver|sion: \"1.3\"}\n": "The oldest version of TLS to accept; by default 1.2.",
	} {
		if got := e.hover(modeline + text); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nshows\n%s\nwant %s", text, got, want)
		}
	}
}

// Editors flag mistakes as they are written, where they are, in words that help.
func TestEditorFlags(t *testing.T) {
	e := openEditor(t)
	for i, c := range []struct{ text, want string }{
		{"checks:\n  shop:\n    http: http://x/\n    intervall: 5s\n", "5: Property intervall is not allowed."},
		{"checks:\n  shop:\n    http: {url: http://x/, folow_redirects: true}\n", "4: Property folow_redirects is not allowed."},
		{"checks:\n  shop:\n    http: http://x/\n    interval: 5\n", "5: write a number and a unit, such as 500ms, 30s, 5m, 36h or 90d"},
		{"checks:\n  shop:\n    http: http://x/\n    interval: 5 parsecs\n", "5: write a number and a unit, such as 500ms, 30s, 5m, 36h or 90d"},
		{"checks:\n  shop:\n    http: {url: x, max_body: much}\n", "4: write a size such as 64KiB or 10MB"},
		{"checks:\n  shop:\n    http: http://x/\n    critical: nope\n", `5: Incorrect type. Expected "boolean".`},
		{"checks:\n  shop:\n    http: http://x/\n    routes: ops\n", `5: Incorrect type. Expected "array".`},
		{"checks:\n  shop:\n    http: http://x/\n    rules: [a]\n", `5: Incorrect type. Expected "object".`},
		{"checks:\n  shop:\n    http: http://x/\n    thresholds: {unhealthy: 0}\n", "5: Value is below the minimum of 1."},
		{"checks:\n  shop:\n    sql: {driver: oracle, dsn: x, query: y}\n", `4: Value is not accepted. Valid values: "sqlite", "postgres", "mysql".`},
		{"checks:\n  shop:\n    sql: {driver: sqlite, dsn: x}\n", `4: Missing property "query".`},
		{"checks:\n  shop: {interval: 5s}\n", "3: a check needs a type, one of http, sql, websocket, systemd, command, composite"},
		{"checks:\n  shop:\n    http: http://x/\n    command: [ls]\n", "4: a check has exactly one type: make a check of each\n5: a check has exactly one type: make a check of each"},
		{"checks:\n  shop:\n    command: {dir: /}\n", "4: argv or shell is missing"},
		{"checks:\n  shop:\n    systemd:\n      unit: a\n      units: [b]\n", "5: only one of unit and units can be given\n6: only one of unit and units can be given"},
		{"routes: {ops: {cooldown: 5m}}\nchecks: {a: {http: x}}\n", "2: a route needs a notifier, one of telegram, email, webhook, chat, alertmanager, command"},
		{"routes: {ops: {on: [unhealty], webhook: 'http://x/'}}\nchecks: {a: {http: x}}\n", `2: Value is not accepted. Valid values: "degraded", "unhealthy", "unknown".`},
		{"checks:\n  shop:\n    http: ${URL}\n    interval: ${EVERY:-5s}\n    critical: ${CRITICAL}\n", ""},
	} {
		if got := strings.Join(e.diagnose("unsaved-flag-"+string(rune('a'+i))+".yaml", modeline+c.text), "\n"); got != c.want {
			t.Errorf("%s\nis flagged\n%s\nwant\n%s", c.text, got, c.want)
		}
	}
}

// The files to start from have nothing that an editor flags, and find their schema
// by their own first line: a key too many is flagged.
func TestEditorLikesTheExamples(t *testing.T) {
	e := openEditor(t)
	files, _ := filepath.Glob("../../examples/*.yaml")
	more, _ := filepath.Glob("../../examples/*/*.yaml")
	if files = append(append(files, more...), "../../checks.yaml"); len(files) < 9 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel("../..", file)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.diagnose(name, string(text)); got != nil {
			t.Errorf("%s is flagged: %q", name, got)
		}
		if got := e.diagnose(name+".copy.yaml", string(text)+"\nnonsense: 5\n"); len(got) != 1 || !strings.Contains(got[0], "Property nonsense is not allowed.") {
			t.Errorf("%s does not find its schema: %q", name, got)
		}
	}
}
