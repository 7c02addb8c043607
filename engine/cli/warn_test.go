package cli

import (
	"fmt"
	"strings"
	"testing"

	"polyhealth/engine"
	"polyhealth/schema"
)

// warningsOf are the warnings of a file's text, with all types and notifiers.
func warningsOf(t *testing.T, src string) (all []string) {
	t.Helper()
	r := schema.NewReader()
	lookup := func(name string) (string, bool) { return "value-of-" + name, true }
	if engine.Compile(schema.Parse("x.yaml", []byte(src), schema.Env{Lookup: lookup}, r), registry(), r) == nil {
		t.Fatal(src, r.Diagnostics())
	}
	for _, d := range r.Diagnostics() {
		all = append(all, d.Message)
	}
	return all
}

// What the variables of the types never are.
func TestNeverOfTypes(t *testing.T) {
	for _, c := range []struct{ check, rule, want string }{
		{"command: [ls]", `exit_code > 300`, "exit_code is never more than 300"},
		{"command: [ls]", `exit_code == -1`, "exit_code is never -1"},
		{"command: [ls]", `exit_code >= 0 and exit_code <= 255 and exit_code != 255`, ""},
		{"http: 'http://x/'", `status == 2000`, "status is never 2000"},
		{"http: 'http://x/'", `timing.first_byte < "0s"`, `timing.first_byte is never less than "0s"`},
		{"http: 'http://x/'", `cert_expires_in < "-1d"`, ""},
		{"systemd: nginx", `unit.active == "running"`, `unit.active is never "running"`},
		{"systemd: nginx", `any(units, .load == "missing")`, `.load is never "missing"`},
		{"systemd: nginx", `unit.active != "active" or unit.sub == "dead" or unit.result == "oom-kill"`, ""},
		{"systemd: nginx", `unit.memory < 0`, "unit.memory is never less than 0"},
		{"sql: {driver: sqlite, dsn: x, query: SELECT 1}", `count < 0`, "count is never less than 0"},
		{"sql: {driver: sqlite, dsn: x, query: SELECT 1}", `value < 0`, ""},
		{"websocket: {url: 'ws://x/', mode: stream}", `rate < 0`, "rate is never less than 0"},
		{"websocket: 'ws://x/'", `prev.status == "down"`, `prev.status is never "down"`},
	} {
		got := warningsOf(t, fmt.Sprintf("checks:\n  a:\n    %s\n    rules:\n      degraded: |-\n        %s\n", c.check, c.rule))
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s: %q, want %q", c.rule, got, c.want)
		}
	}
}

// Secrets that stand in the file, and those that come from elsewhere.
func TestSecretsInClear(t *testing.T) {
	for _, c := range []struct{ check, route, want string }{
		{check: "http: {url: 'http://x/', bearer: hunter2}", want: "bearer"},
		{check: "http: {url: 'http://x/', bearer: '${TOKEN}'}"},
		{check: "http: {url: 'http://x/', bearer: 'Bearer-${TOKEN}'}"},
		{check: "http: {url: 'http://x/', bearer: '${TOKEN:-hunter2}'}"},
		{check: "http: {url: 'http://x/', basic_auth: {username: me, password: hunter2}}", want: "password"},
		{check: "http: {url: 'http://x/', headers: {authorization: Bearer hunter2}}", want: "the header authorization"},
		{check: "http: {url: 'http://x/', headers: {Authorization: 'Bearer ${TOKEN}'}}"},
		{check: "http: {url: 'http://me:hunter2@x/'}", want: "a password"},
		{check: "http: {url: 'https://x/', tls: {cert: a.pem, key: '-----BEGIN PRIVATE KEY-----'}}", want: "the private key"},
		{check: "http: {url: 'https://x/', tls: {cert: a.pem, key: b.pem}}"},
		{check: "sql: {driver: mysql, dsn: 'me:hunter2@tcp(x)/y', query: SELECT 1}", want: "a password"},
		{check: "sql: {driver: postgres, dsn: 'postgres://me:hunter2@x/y', query: SELECT 1}", want: "a password"},
		{check: "sql: {driver: postgres, dsn: 'postgres://me:${TOKEN}@x/y', query: SELECT 1}"},
		{check: "sql: {driver: postgres, dsn: 'host=x password=''hunter2''', query: SELECT 1}", want: "a password"},
		{route: "telegram: {token: '12345:abcde', chat_id: 1}", want: "token"},
		{route: "email: {host: x, from: a@b.c, to: [a@b.c], username: me, password: hunter2}", want: "password"},
		{route: "chat: ntfy://ntfy.sh/topic", want: "url"},
		{route: "webhook: 'https://me:hunter2@x/'", want: "a password"},
		{route: "webhook: 'https://x/'"},
	} {
		check, routes := c.check, ""
		if check == "" {
			check, routes = "command: [ls]", "routes: {r: {"+c.route+"}}\ndefaults: {routes: [r]}\n"
		}
		want := c.want
		if want != "" {
			want += " is written in clear in this file"
		}
		if got := warningsOf(t, routes+"checks: {a: {"+check+"}}\n"); strings.Join(got, "\n") != want {
			t.Errorf("%s%s: %q, want %q", c.check, c.route, got, want)
		}
	}
}

// Why a file was not reloaded is its first mistake, not a warning before it.
func TestWhyIsAMistake(t *testing.T) {
	r := schema.NewReader()
	src := "checks:\n  a: {systemd: {units: [x, x]}}\n  b: {http: nowhere}\n"
	engine.Compile(schema.Parse("x.yaml", []byte(src), schema.Env{}, r), registry(), r)
	if got := why(rejected(r.Diagnostics())); !strings.HasPrefix(got, "x.yaml:3:13: error: the url does not begin with") {
		t.Error(got)
	}
}
