package engine

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// What a recovery is where the file is silent, and where it is not.
func TestCompileRecovery(t *testing.T) {
	plan, text := tryCompile(newTarget(), `
recovery: {max_actions_per_hour: 7, serialize: true, stop_when_unhealthy_above: 30%}
checks:
  silent: {fake: x, recovery: {steps: [{restart_unit: a.service}]}}
  none: {fake: x}
  all:
    fake: x
    recovery:
      on: [degraded, unhealthy]
      steps:
        - {restart_unit: b.service, scope: user, timeout: 5s}
        - {command: [./fix.sh, "${WORD}"]}
        - {webhook: {url: "https://me:secret@example.org/${WORD}", headers: {X-Key: "${WORD}"}}}
        - {command: [x]}
      settle: 1s
      window: 2m
      backoff: 3s
      reset_after: 4m
      mode: dry_run
`, map[string]string{"WORD": "hunter22"})
	if plan == nil || text != "" {
		t.Fatal(text)
	}
	if plan.Recovery != (RecoveryLimits{MaxActionsPerHour: 7, Serialize: true, StopWhenUnhealthyAbove: 30}) {
		t.Errorf("the limits are %+v", plan.Recovery)
	}
	silent, none, all := plan.Checks[0].Recovery, plan.Checks[1].Recovery, plan.Checks[2].Recovery
	if none != nil {
		t.Error("a check without a recovery has one")
	}
	if silent.Settle != 30*time.Second || silent.Backoff != 30*time.Second || silent.Window != time.Hour ||
		silent.ResetAfter != 10*time.Minute || silent.MaxAttempts != 3 || silent.DryRun || !slices.Equal(silent.On, []Status{Unhealthy}) {
		t.Errorf("by default it is %+v", silent)
	}
	if s := silent.Steps[0]; s.Unit != "a.service" || s.Scope != "system" || s.Timeout != 2*time.Minute {
		t.Errorf("by default a step is %+v", s)
	}
	if all.Settle != time.Second || all.Window != 2*time.Minute || all.Backoff != 3*time.Second ||
		all.ResetAfter != 4*time.Minute || all.MaxAttempts != 4 || !all.DryRun || !slices.Equal(all.On, []Status{Degraded, Unhealthy}) {
		t.Errorf("as the file says it is %+v", all)
	}
	var texts, kinds []string
	for _, s := range all.Steps {
		texts, kinds = append(texts, s.String()), append(kinds, s.Kind())
	}
	if got := strings.Join(texts, "; "); got != "restart b.service; run ./fix.sh; call example.org; run x" {
		t.Errorf("its steps are %s", got)
	}
	if got := strings.Join(kinds, " "); got != "restart_unit command webhook command" {
		t.Errorf("its steps are of %s", got)
	}
	if s := all.Steps[0]; s.Scope != "user" || s.Timeout != 5*time.Second {
		t.Errorf("as the file says a step is %+v", s)
	}
	if s := all.Steps[2]; s.Timeout != 30*time.Second || s.Headers["X-Key"] != "hunter22" {
		t.Errorf("the webhook is %+v", s)
	}
	if got := plan.Secrets.Redact("secret hunter22"); strings.Contains(got, "secret") || strings.Contains(got, "hunter22") {
		t.Errorf("not redacted: %s", got)
	}
}

func TestRecoveryLimitsByDefault(t *testing.T) {
	plan, text := tryCompile(newTarget(), "recovery: {serialize: true}\nchecks: {a: {fake: x}}", nil)
	if plan == nil || plan.Recovery != (RecoveryLimits{MaxActionsPerHour: 20, Serialize: true, StopWhenUnhealthyAbove: 50}) {
		t.Errorf("%+v\n%s", plan, text)
	}
}

// One mistake each: the recovery, and what is said of it.
func TestRecoveryMistakes(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"no map", "5", ":33: error: recovery wants a map of keys"},
		{"no steps", "{settle: 5s}", ":33: error: recovery needs steps"},
		{"empty steps", "{steps: []}", ":41: error: steps is an empty list"},
		{"an empty step", "{steps: [{timeout: 5s}]}", ":42: error: steps[0] needs restart_unit or command or webhook"},
		{"two in a step", "{steps: [{restart_unit: a, command: [b]}]}", ":60: error: restart_unit and command are both given"},
		{"no such unit", "{steps: [{restart_unit: a/b}]}", `:57: error: "a/b" is no unit`},
		{"an empty command", "{steps: [{command: []}]}", ":52: error: command is an empty list"},
		{"a command as text", "{steps: [{command: ./fix.sh}]}", ":52: error: command wants a list"},
		{"no program", `{steps: [{command: ["", x]}]}`, ":52: error: command names no program that can be run"},
		{"no url", "{steps: [{webhook: {}}]}", ":52: error: webhook needs url"},
		{"another scheme", "{steps: [{webhook: {url: 'ftp://x/'}}]}", ":58: error: the url does not begin with http:// or https://"},
		{"no host", "{steps: [{webhook: {url: 'http:///x'}}]}", ":58: error: the url names no host"},
		{"a bad header", "{steps: [{webhook: {url: 'http://x/', headers: {'a b': c}}}]}", `:88: error: "a b" is no header`},
		{"scope of nothing", "{steps: [{command: [x], scope: user}]}", ":57: error: scope has no meaning without restart_unit"},
		{"on unknown", "{on: [unknown], steps: [{command: [x]}]}", `:39: error: on[0] is one of degraded, unhealthy, found the text "unknown"`},
		{"on nothing", "{on: [], steps: [{command: [x]}]}", ":38: error: on is empty: nothing would ever be tried"},
		{"no attempts", "{steps: [{command: [x]}], max_attempts: 0}", ":73: error: max_attempts is a number from 1 to 1000, found 0"},
		{"a zero window", "{steps: [{command: [x]}], window: 0s}", `:67: error: window wants a duration such as 30s: "0s" is zero`},
		{"a long window", "{steps: [{command: [x]}], window: 32d}", ":67: error: window is at most 31d"},
		{"another mode", "{steps: [{command: [x]}], mode: dry}", ":65: error: mode is one of act, dry_run"},
		{"a misspelt key", "{steps: [{command: [x]}], setle: 5s}", `:59: error: unknown key "setle"`},
		{"steps beyond the attempts", "{steps: [{command: [x]}, {command: [y]}], max_attempts: 1}", ":58: warning: this step is seldom reached: max_attempts is 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tg := newTarget()
			_, text := tryCompile(tg, "checks: {a: {fake: x, recovery: "+c.src+"}}", nil)
			if n := strings.Count(text, ": error: ") + strings.Count(text, ": warning: "); n != 1 || !strings.Contains(text, c.want) {
				t.Errorf("got\n%s\nwant %s", text, c.want)
			}
		})
	}
	for src, want := range map[string]string{
		"stop_when_unhealthy_above: 30":   ":39: error: a share wants a percent sign",
		"stop_when_unhealthy_above: 130%": `:39: error: this is a share from 0% to 100%, found "130%"`,
		"stop_when_unhealthy_above: NaN%": `:39: error: this is a share from 0% to 100%, found "NaN%"`,
		"max_actions_per_hour: 0":         ":34: error: max_actions_per_hour is a number from 1 to 10000, found 0",
	} {
		_, text := tryCompile(newTarget(), "recovery: {"+src+"}\nchecks: {a: {fake: x}}", nil)
		if strings.Count(text, ": error: ") != 1 || !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant %s", text, want)
		}
	}
}

// A recovery that changed is told of by a reload.
func TestRecoveryInDiff(t *testing.T) {
	before, _ := tryCompile(newTarget(), "checks: {a: {fake: x, recovery: {steps: [{command: [x]}]}}}", nil)
	after, _ := tryCompile(newTarget(), "recovery: {serialize: true}\nchecks: {a: {fake: x, recovery: {steps: [{command: [y]}]}}}", nil)
	d := compare(before, after)
	if len(d.Changed) != 1 || !slices.Equal(d.Changed[0].Keys, []string{"recovery"}) || !slices.Equal(d.Settings, []string{"recovery.serialize"}) {
		t.Errorf("the difference is %+v", d)
	}
	if d := compare(after, after); !d.Empty() {
		t.Errorf("a file differs from itself: %+v", d)
	}
}
