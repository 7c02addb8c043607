package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// recovered is a file with a check that is well once there is a file "up", and its
// recovery.
func recovered(recovery string) string {
	return checksFile("  trader:\n    command: [test, -e, up]\n    interval: 200ms\n    thresholds: {unhealthy: 1}\n    recovery: " + recovery + "\n")
}

// recoveries asks what was done.
func (p *process) recoveries() (r recoveries) {
	_, body := p.get("/api/v1/recovery")
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		p.t.Fatalf("%v: %s", err, body)
	}
	return r
}

// TestRecovery: a step that fails, a call, and a step that helps; told of everywhere.
func TestRecovery(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var called []map[string]any
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var got map[string]any
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &got)
		got["token"] = r.Header.Get("X-Token")
		mu.Lock()
		defer mu.Unlock()
		called = append(called, got)
	}))
	defer hook.Close()
	dir := t.TempDir()
	write(t, dir, "fix.sh", "#!/bin/sh\necho \"$POLYHEALTH_CHECK $POLYHEALTH_STATUS step $POLYHEALTH_STEP attempt $POLYHEALTH_ATTEMPT hunter22 $SECRET_TOKEN.\"\ntouch up\n")
	if err := os.Chmod(filepath.Join(dir, "fix.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "checks.yaml", recovered(`{settle: 100ms, backoff: 100ms, steps: [
      {command: [sh, -c, "echo out of order >&2; exit 3"]},
      {webhook: {url: "`+hook.URL+`/x", headers: {X-Token: "${SECRET_TOKEN}"}}},
      {command: [./fix.sh]}]}`))
	p := start(t, dir, "SECRET_TOKEN=hunter22")
	eventually(t, time.Minute, "it is repaired", func() bool { r, _ := p.component("trader"); return r.Status.String() == "healthy" })

	eventually(t, time.Minute, "three actions have ended", func() bool {
		r := p.recoveries()
		return len(r.Actions) == 3 && r.Actions[0].Ended != nil
	})
	r := p.recoveries()
	for i, want := range []action{
		{Action: "run ./fix.sh", Result: "done", Detail: "trader unhealthy step 3 attempt 3 "},
		{Action: "call " + strings.TrimPrefix(hook.URL, "http://"), Result: "done", Detail: "it answered 200 OK"},
		{Action: "run sh", Result: "failed", Detail: "exit 3: out of order"},
	} {
		got := r.Actions[i]
		if got.Action != want.Action || got.Result != want.Result || strings.Contains(got.Detail, "hunter22") ||
			!strings.HasPrefix(got.Detail, want.Detail) {
			t.Errorf("action %d is %+v, want %+v", i, got, want)
		}
		if !strings.HasPrefix(got.Cause, "unhealthy: ") {
			t.Errorf("its cause is %q", got.Cause)
		}
	}
	mu.Lock()
	if len(called) != 1 || called[0]["check"] != "trader" || called[0]["status"] != "unhealthy" || called[0]["step"] != 2.0 || called[0]["token"] != "hunter22" {
		t.Errorf("the webhook was called with %v", called)
	}
	mu.Unlock()
	_, body := p.get("/health/trader")
	if !strings.Contains(body, `"recovery":{"state":"idle"`) || !strings.Contains(body, `"attempts":3`) {
		t.Errorf("/health says %s", body)
	}
	_, metrics := p.get("/metrics")
	for _, want := range []string{
		`polyhealth_recovery_actions_total{check="trader",step="1",action="command",result="failed"} 1`,
		`polyhealth_recovery_actions_total{check="trader",step="2",action="webhook",result="done"} 1`,
		`polyhealth_recovery_exhausted{check="trader"} 0`, `polyhealth_recovery_actions_last_hour 3`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	out, code := p.command("recovery")
	for _, want := range []string{"trader", "3 of 3", "run ./fix.sh", "exit 3: out of order"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("recovery prints, with code %d, no %q:\n%s", code, want, out)
		}
	}
	p.byHand(t)
}

// byHand repairs by hand what needs no repair.
func (p *process) byHand(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"trader", "--dry-run"}, 0, "trader: step 1 would be: run sh\n"},
		{[]string{"trader", "--step", "3"}, 0, "trader: step 3: run ./fix.sh\ndone after "},
		{[]string{"trader", "--step", "1"}, 1, "exit 3: out of order"},
		{[]string{"trader", "--step", "4"}, 1, "there is no step 4: the recovery has 3"},
		{[]string{"nobody"}, 1, "nobody: Component not found"},
		{nil, exitUsage, "recover takes one name"},
	} {
		out, code := p.command(append([]string{"recover"}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("recover %v: code %d, %q; want %d, %q", c.args, code, out, c.code, c.want)
		}
	}
	resp, err := http.Post(p.base+"/-/recover/trader", "", nil)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("over TCP it is answered %v, %v", resp, err)
	}
}

// TestRecoveryKilled: an action that kill -9 of the daemon cut off is known, counted,
// and not done again; nothing of it is left running.
func TestRecoveryKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "checks.yaml", recovered(`{settle: 100ms, backoff: 100ms, max_attempts: 1, steps: [
      {command: [sh, -c, "echo $$ >>begun; exec sleep 1000"]}]}`))
	p := start(t, dir)
	begun := func() []string { b, _ := os.ReadFile(filepath.Join(dir, "begun")); return strings.Fields(string(b)) }
	eventually(t, time.Minute, "it has begun", func() bool { return len(begun()) == 1 })
	p.kill()
	eventually(t, time.Minute, "the program dies with the daemon", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", begun()[0]))
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
	p = start(t, dir)
	eventually(t, time.Minute, "its attempts are used up", func() bool {
		r := p.recoveries()
		return len(r.Components) == 1 && r.Components[0].Recovery.State == "exhausted"
	})
	r := p.recoveries()
	if len(r.Actions) != 1 || r.Actions[0].Result != "interrupted" || len(begun()) != 1 || r.Components[0].Recovery.Attempts != 1 {
		t.Errorf("begun %v, and it is known of as %+v", begun(), r)
	}
	if !strings.Contains(p.logged(), "a repair was interrupted") || !strings.Contains(p.logged(), "recovery is at its end") {
		t.Errorf("the log does not say so:\n%s", p.logged())
	}
}

// TestPolkitRules: exactly the system's units that the file restarts.
func TestPolkitRules(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "checks.yaml", `checks:
  a: {command: ["true"], recovery: {steps: [{restart_unit: b}, {restart_unit: a.service}, {command: [x]}]}}
  b: {command: ["true"], recovery: {steps: [{restart_unit: b.service}, {restart_unit: mine.service, scope: user}]}}
`)
	out, err := program(dir, "polkit-rules", "--user", "watcher").Output()
	if err != nil || !strings.Contains(string(out), `var units = ["a.service", "b.service"];`) || !strings.Contains(string(out), `subject.user == "watcher"`) {
		t.Errorf("%v\n%s", err, out)
	}
	write(t, dir, "checks.yaml", "checks: {a: {command: [x]}}\n")
	if out, err := program(dir, "polkit-rules").CombinedOutput(); err == nil || !strings.Contains(string(out), "no rule is needed") {
		t.Errorf("%v\n%s", err, out)
	}
}
