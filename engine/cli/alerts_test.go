package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAlertsOfADaemon: what a daemon sent, held back and could not deliver can be looked
// up, after a kill -9 as well.
func TestAlertsOfADaemon(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", `
server: {listen: 127.0.0.1:0}
defaults: {interval: 200ms, timeout: 5s, routes: [ops, dead], thresholds: {unhealthy: 1}}
routes:
  ops: {command: [sh, -c, echo "$POLYHEALTH_EVENT $POLYHEALTH_CHECK" >>said], repeat_interval: never}
  dead: {command: [sh, -c, echo no such number >&2; exit 3], repeat_interval: never}
maintenance:
  upgrade: {from: 2026-01-01T00:00:00Z, to: 2226-01-01T00:00:00Z, checks: [upgraded]}
checks:
  db: {command: [test, '!', -e, down], routes: [ops]}
  shop: {command: [test, '!', -e, down], depends_on: [db], routes: [ops]}
  upgraded: {command: [test, '!', -e, down], routes: [ops]}
  phone: {command: [test, '!', -e, down], routes: [dead]}
`)
	p := start(t, dir)
	eventually(t, patience, "all is well", func() bool { code, _ := p.get("/health"); return code == 200 })
	write(t, dir, "down", "")
	eventually(t, patience, "all that is to be said is on record", func() bool { return len(p.alerts()) == 4 })
	if r, _ := p.component("shop"); r.BlockedBy != "db" {
		t.Errorf("shop is blocked by %q, want db", r.BlockedBy)
	}
	p.kill()
	want := map[string]string{
		"db": "firing sent ", "shop": "firing held_back blocked by db", "upgraded": "firing held_back maintenance upgrade",
		"phone": "firing failed ",
	}
	p = start(t, dir)
	for _, a := range p.alerts() {
		got := strings.Join([]string{a.Event, a.Outcome, a.Note}, " ")
		if w := want[a.Check]; w == "" || !strings.HasPrefix(got, w) {
			t.Errorf("of %s there is %q, want %q", a.Check, got, w)
		}
	}
	out := p.run("alerts", "db")
	if !strings.Contains(out, "db     firing unhealthy  ops/command  sent") {
		t.Errorf("polyhealth alerts db prints\n%s", out)
	}
	// What was sent before the end is resolved after it, and sent once.
	if err := os.Remove(filepath.Join(dir, "down")); err != nil {
		t.Fatal(err)
	}
	eventually(t, patience, "db is resolved", func() bool {
		said, _ := os.ReadFile(filepath.Join(dir, "said"))
		return string(said) == "firing db\nresolved db\n"
	})
	// The disk has the last word.
	eventually(t, patience, "it is on record", func() bool { return len(p.alerts("db")) == 2 })
}

// alerts are what /api/v1/alerts tells, of one check or of all, newest first.
func (p *process) alerts(names ...string) (rows []alertRow) {
	p.t.Helper()
	_, body := p.get("/api/v1/alerts?check=" + strings.Join(names, ""))
	if err := json.Unmarshal([]byte(body), &rows); err != nil {
		p.t.Fatalf("%v: %s", err, body)
	}
	return rows
}

// run is what a command prints in the daemon's folder.
func (p *process) run(args ...string) string {
	p.t.Helper()
	out, err := program(p.dir, args...).CombinedOutput()
	if err != nil {
		p.t.Errorf("polyhealth %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// TestSilencesOfADaemon: silences are begun, listed and ended by commands, over the admin
// socket only, and last over a kill -9.
func TestSilencesOfADaemon(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", `
server: {listen: 127.0.0.1:0}
defaults: {interval: 200ms, timeout: 5s, routes: [ops], thresholds: {unhealthy: 1}}
routes:
  ops: {command: [sh, -c, echo "$POLYHEALTH_EVENT $POLYHEALTH_CHECK" >>said], cooldown: 1s, repeat_interval: 1s}
checks:
  api-eu: {command: [test, '!', -e, down]}
  other: {command: ["true"]}
`)
	p := start(t, dir)
	if out := p.run("silence", "list"); out != "nothing is silenced\n" {
		t.Errorf("silence list prints %q", out)
	}
	out := p.run("silence", "add", "api-*", "--for", "2h", "--reason", "new cables", "--author", "eve")
	id, _, _ := strings.Cut(strings.TrimPrefix(out, "silence "), " ")
	if len(id) != 10 {
		t.Fatalf("silence add prints %q", out)
	}
	p.kill()
	write(t, dir, "down", "")
	p = start(t, dir)
	if out := p.run("silence", "list"); !strings.Contains(out, id+"  api-*  ") || !strings.Contains(out, "  eve  new cables") {
		t.Errorf("silence list prints\n%s", out)
	}
	if code, _ := p.post("/api/v1/silences", `{"checks": ["other"], "seconds": 60}`); code != 403 {
		t.Errorf("anybody may silence: %d", code)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"silence", "add", "api-ue", "--for", "1h"}, `there is no check "api-ue": did you mean "api-eu"?`},
		{[]string{"silence", "add", "other"}, "--for wants a time to last, such as 2h"},
		{[]string{"silence", "expire", "nothing"}, `there is no silence "nothing"`},
		{[]string{"ack"}, "name one check"},
	} {
		out, err := program(dir, c.args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("polyhealth %s: %v, %s", strings.Join(c.args, " "), err, out)
		}
	}
	if out := p.run("ack", "api-eu"); out != "acknowledged: no reminders of api-eu until it is healthy\n" {
		t.Errorf("ack prints %q", out)
	}
	p.run("silence", "expire", id)
	said := func() string { text, _ := os.ReadFile(filepath.Join(dir, "said")); return string(text) }
	eventually(t, patience, "it is told, and not reminded of", func() bool {
		return said() == "firing api-eu\n" && strings.Contains(p.run("alerts", "api-eu"), "acknowledged by")
	})
	if err := os.Remove(filepath.Join(dir, "down")); err != nil {
		t.Fatal(err)
	}
	eventually(t, patience, "it is over, and so is the acknowledgement", func() bool {
		return said() == "firing api-eu\nresolved api-eu\n" && p.run("silence", "list") == "nothing is silenced\n"
	})
}

// post is the answer to a POST over TCP.
func (p *process) post(path, body string) (int, string) {
	p.t.Helper()
	r, err := http.Post(p.base+path, "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(text)
}

// TestABrokenFileFindsNobodyElse: while a file cannot be read, what is asked of its daemon
// is not answered by another's.
func TestABrokenFileFindsNobodyElse(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	write(t, dir, "checks.yaml", "server: {listen: 127.0.0.1:0}\nchecks: {ours: {command: [\"false\"]}}\n")
	write(t, other, "other.yaml", "server: {listen: 127.0.0.1:0}\nchecks: {theirs: {command: [\"true\"]}}\n")
	p := start(t, dir)
	eventually(t, patience, "it is probed", func() bool { r, _ := p.component("ours"); return r.Failures > 0 })
	write(t, dir, "checks.yaml", "server: {listen: 127.0.0.1:0}\nchecks: {ours: {command: [\"false\"]}}\n  broken\n")
	eventually(t, patience, "status tells of the file that is broken", func() bool {
		out, _ := program(dir, "status").CombinedOutput()
		return strings.Contains(string(out), "ours") && strings.Contains(string(out), "the last reload failed")
	})
	// Another's socket stands where this file's own would by default.
	if err := os.Symlink(filepath.Join(dir, "admin.sock"), filepath.Join(other, "admin.sock")); err != nil {
		t.Fatal(err)
	}
	write(t, other, "other.yaml", "checks: {theirs: {command: [\"true\"]}}\n  broken\n")
	out, err := program(other, "status", "--config", "other.yaml").CombinedOutput()
	if err == nil || strings.Contains(string(out), "ours") || !strings.Contains(string(out), "other.yaml cannot be read, so that it is not known where its daemon listens") {
		t.Errorf("another's daemon answered: %v\n%s", err, out)
	}
}
