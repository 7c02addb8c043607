package systemd

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

const sleeps = "[Service]\nExecStart=/bin/sleep 1000\n"

// scenes are states of real units: the files, what is done to them, when the state
// is reached ("unit property value"), and what the check of the unit must say.
var scenes = []struct {
	unit    string
	files   map[string]string
	do      []string
	until   string
	status  checktypes.Status
	summary string
}{
	{"r-active", map[string]string{"r-active.service": sleeps}, []string{"start r-active"}, "",
		healthy, `r-active\.service active \(running\) for [0-9.]+m?s`},
	{"r-stopped", map[string]string{"r-stopped.service": sleeps}, nil, "",
		unhealthy, `r-stopped\.service inactive \(dead\)`},
	{"r-exit", map[string]string{"r-exit.service": "[Service]\nExecStart=/bin/sh -c 'exit 3'\n"}, []string{"start r-exit"}, "r-exit ActiveState failed",
		unhealthy, `r-exit\.service failed: exit-code 3`},
	{"r-kill", map[string]string{"r-kill.service": "[Service]\nExecStart=/bin/sh -c 'kill -KILL $$$$'\n"}, []string{"start r-kill"}, "r-kill ActiveState failed",
		unhealthy, `r-kill\.service failed: signal KILL`},
	{"r-pre", map[string]string{"r-pre.service": "[Service]\nExecStartPre=/bin/false\nExecStart=/bin/sleep 1000\n"}, []string{"start --no-block r-pre"}, "r-pre ActiveState failed",
		unhealthy, `r-pre\.service failed: exit-code`},
	{"r-noexec", map[string]string{"r-noexec.service": "[Service]\nExecStart=/nonexistent\n"}, []string{"start --no-block r-noexec"}, "r-noexec ActiveState failed",
		unhealthy, `r-noexec\.service failed: exit-code 203`},
	{"r-slow", map[string]string{"r-slow.service": "[Service]\nType=notify\nTimeoutStartSec=100ms\nExecStart=/bin/sleep 1000\n"}, []string{"start --no-block r-slow"}, "r-slow ActiveState failed",
		unhealthy, `r-slow\.service failed: timeout`},
	{"r-masked", map[string]string{"r-masked.service": "masked"}, nil, "",
		unhealthy, `r-masked\.service is masked`},
	{"r-missing", nil, nil, "",
		unhealthy, `r-missing\.service not found`},
	{"r-missing.timer", nil, nil, "",
		unhealthy, `r-missing\.timer not found`},
	{"r-bad", map[string]string{"r-bad.service": "[Service]\nType=simple\n"}, nil, "",
		unhealthy, `r-bad\.service has a bad setting in its unit file`},
	{"r-once", map[string]string{"r-once.service": "[Unit]\nRefuseManualStop=no\n[Service]\nType=oneshot\nExecStart=/bin/true\n"}, []string{"start r-once"}, "",
		healthy, `r-once\.service inactive \(dead\), last result success`},
	{"r-once-bad", map[string]string{"r-once-bad.service": "[Service]\nType=oneshot\nExecStart=/bin/false\n"}, []string{"start --no-block r-once-bad"}, "r-once-bad ActiveState failed",
		unhealthy, `r-once-bad\.service failed: exit-code 1`},
	{"r-remain", map[string]string{"r-remain.service": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"}, []string{"start r-remain"}, "",
		healthy, `r-remain\.service active \(exited\) for .*`},
	{"r-unremain", map[string]string{"r-unremain.service": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"}, nil, "",
		unhealthy, `r-unremain\.service inactive \(dead\)`},
	{"r-start", map[string]string{"r-start.service": "[Service]\nType=notify\nExecStart=/bin/sleep 1000\n"}, []string{"start --no-block r-start"}, "r-start ActiveState activating",
		degraded, `r-start\.service is starting \(start\)`},
	{"r-stop", map[string]string{"r-stop.service": "[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/sleep 1000\n"}, []string{"start r-stop", "stop --no-block r-stop"}, "r-stop ActiveState deactivating",
		degraded, `r-stop\.service is stopping \(stop\)`},
	{"r-reload", map[string]string{"r-reload.service": "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sleep 1000\n"}, []string{"start r-reload", "reload --no-block r-reload"}, "r-reload ActiveState reloading",
		healthy, `r-reload\.service reloading \(reload\) for .*`},
	{"r-loop", map[string]string{"r-loop.service": "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1000\n"}, []string{"start r-loop"}, "r-loop SubState auto-restart",
		degraded, `r-loop\.service is being restarted after exit-code 1`},

	{"r-timer.timer", map[string]string{"r-timer.timer": "[Timer]\nOnCalendar=yearly\n", "r-timer.service": sleeps}, []string{"start r-timer.timer"}, "",
		healthy, `r-timer\.timer active \(waiting\) for .*, not triggered yet`},
	{"r-timer", nil, nil, "",
		healthy, `r-timer\.service inactive \(dead\), last result success`},
	{"r-fired.timer", map[string]string{"r-fired.timer": "[Timer]\nOnActiveSec=0\n", "r-fired.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n"}, []string{"start r-fired.timer"}, "r-fired.timer SubState elapsed",
		healthy, `r-fired\.timer active \(elapsed\) for .*, last triggered .* ago`},
	{"r-job.timer", map[string]string{"r-job.timer": "[Timer]\nOnActiveSec=0\n", "r-job.service": "[Service]\nType=oneshot\nExecStart=/bin/sleep 1000\n"}, []string{"start r-job.timer"}, "r-job ActiveState activating",
		healthy, `r-job\.timer active \(running\) for .*, last triggered .* ago`},
	{"r-job", nil, nil, "",
		healthy, `r-job\.service activating \(start\)`},
	{"r-never.timer", map[string]string{"r-never.timer": "[Timer]\nOnUnitActiveSec=10s\n", "r-never.service": sleeps}, []string{"start r-never.timer"}, "",
		unhealthy, `r-never\.timer never triggered and has no next run`},
	{"r-broken.timer", map[string]string{"r-broken.timer": "[Timer]\nOnActiveSec=0\n", "r-broken.service": "[Service]\nType=oneshot\nExecStart=/bin/false\n"}, []string{"start r-broken.timer"}, "r-broken ActiveState failed",
		unhealthy, `r-broken\.timer started r-broken\.service, which failed: exit-code`},
	{"r-off", map[string]string{"r-off.timer": "[Timer]\nOnCalendar=yearly\n", "r-off.service": sleeps, "r-hold.service": "[Unit]\nAfter=r-off.timer r-off.service\n" + sleeps}, []string{"start r-hold"}, "",
		unhealthy, `r-off\.service inactive \(dead\), and so is r-off\.timer`},
	{"r-sock.socket", map[string]string{"r-sock.socket": "[Socket]\nListenStream=%t/r-sock\n", "r-sock.service": sleeps}, []string{"start r-sock.socket"}, "",
		healthy, `r-sock\.socket active \(listening\) for .*`},
	{"r-sock", nil, nil, "",
		healthy, `r-sock\.service inactive \(dead\), last result success`},
	{"r-path.path", map[string]string{"r-path.path": "[Path]\nPathExists=/nonexistent\n", "r-path.service": sleeps}, []string{"start r-path.path"}, "",
		healthy, `r-path\.path active \(waiting\) for .*`},
	{"tmp.mount", nil, nil, "",
		healthy, `tmp\.mount active \(mounted\) for .*`},
	{"basic.target", nil, nil, "",
		healthy, `basic\.target active \(active\) for .*`},
}

func testStates(t *testing.T) {
	for _, h := range []host{theSystem, theUser} {
		t.Run(h.scope, func(t *testing.T) {
			files := map[string]string{}
			for _, s := range scenes {
				maps.Copy(files, s.files)
			}
			h.install(t, files)
			for _, s := range scenes {
				t.Run(s.unit, func(t *testing.T) {
					for _, command := range s.do {
						h.systemctl(t, strings.Fields(command)...)
					}
					if w := strings.Fields(s.until); len(w) > 0 {
						h.until(t, w[0], w[1], w[2])
					}
					h.check(t, s.unit).want(s.status, s.summary)
					h.unread(t, s.unit).want(s.status, s.summary)
				})
			}
		})
	}
}

// testRestarts kills a service's process, as often as it takes.
func testRestarts(t *testing.T) {
	h := theSystem
	h.install(t, map[string]string{
		"s-restart.service": "[Unit]\nStartLimitIntervalSec=0\n" + sleeps + "Restart=always\nRestartSec=0\n",
		"s-other.service":   sleeps,
	})
	h.systemctl(t, "start", "s-restart", "s-other")
	one, two := h.check(t, "s-restart"), h.check(t, "s-restart", "s-other")
	one.want(healthy, `s-restart\.service active \(running\) for .*`)
	two.want(healthy, `All 2 services running`)

	crash := func(count string) {
		t.Helper()
		run(t, "kill", "-KILL", h.systemctl(t, "show", "s-restart", "--value", "-p", "MainPID"))
		h.until(t, "s-restart", "NRestarts", count)
		h.until(t, "s-restart", "SubState", "running")
	}
	crash("1")
	one.want(degraded, `s-restart\.service restarted 1 time since the last probe`)
	one.want(healthy, `s-restart\.service active \(running\) for .*`)
	crash("2")
	crash("3")
	one.want(degraded, `s-restart\.service restarted 2 times since the last probe`)
	two.want(degraded, `All 2 services running; s-restart restarted 3 times since the last probe`)
	v, _ := one.probe()
	if v.Unit.Restarts != 3 || v.Unit.Restarted != 0 {
		t.Errorf("restarts is %d, restarted %d; want 3, 0", v.Unit.Restarts, v.Unit.Restarted)
	}

	h.systemctl(t, "restart", "s-restart") // by hand: no crash, and the count is reset
	one.want(healthy, `s-restart\.service active \(running\) for .*`)
	crash("1")
	one.want(degraded, `s-restart\.service restarted 1 time since the last probe`)
}

func testSeveral(t *testing.T) {
	h := theSystem
	h.install(t, map[string]string{
		"g-one.service": sleeps, "g-two.service": sleeps, "g-three.service": sleeps,
		"tick.timer": "[Timer]\nOnCalendar=yearly\n", "tick.service": sleeps, "g-wild@.service": sleeps,
	})
	h.systemctl(t, "start", "g-one", "g-two", "g-three", "tick.timer", "g-wild@1", "g-wild@2")
	named := h.check(t, "g-one", "g-two.service", "g-three", "g-one")
	glob := h.check(t, "g-*")
	mixed := h.check(t, "tick.timer", "g-t*", "g-one")

	named.want(healthy, `All 3 services running`)
	glob.want(healthy, `All 5 services running`)
	mixed.want(healthy, `All 4 units running`)
	v, _ := mixed.probe()
	if got, want := v.Running, []string{"tick.timer", "g-three", "g-two", "g-one"}; !slices.Equal(got, want) {
		t.Errorf("running is %v, want %v", got, want)
	}
	v, _ = h.check(t, "g-wild@*.service").probe()
	if got, want := v.Running, []string{"g-wild@1.service", "g-wild@2.service"}; !slices.Equal(got, want) {
		t.Errorf("running is %v, want %v", got, want)
	}
	h.check(t, "g-th*").want(healthy, `g-three\.service active \(running\) for .*`)

	for _, c := range [][]string{{"nothing-*"}, {"g-one", "nothing-*"}} {
		err := h.check(t, c...).fails()
		if err.Error() != "no unit matches nothing-*" || checktypes.IsOwnFault(err) {
			t.Errorf("%v: the error is %q (own fault %v)", c, err, checktypes.IsOwnFault(err))
		}
	}
	stopSome(t, h, named, glob)
}

// stopSome stops units below checks that name them and match them: one that is
// stopped, and that nothing refers to, leaves systemd's list, but not the pattern.
func stopSome(t *testing.T, h host, named, glob checked) {
	t.Helper()
	h.systemctl(t, "stop", "g-two")
	named.want(degraded, `1 services down: g-two`)
	glob.want(degraded, `1 services down: g-two`)
	v, _ := named.probe()
	if want := []string{"g-two.service"}; !slices.Equal(v.Failed, want) { // as the file writes it
		t.Errorf("failed is %v, want %v", v.Failed, want)
	}
	h.systemctl(t, "stop", "g-one", "g-three", "g-wild@1", "g-wild@2")
	named.want(unhealthy, `3 services down: g-one, g-two, g-three`)

	run(t, "rm", h.folder+"/g-two.service") // uninstalled: not missed any more
	h.systemctl(t, "daemon-reload")
	named.want(unhealthy, `3 services down: g-one, g-two, g-three`)
	glob.want(unhealthy, `4 services down: g-one, g-three, g-wild@1, g-wild@2`)
}

func testVariables(t *testing.T) {
	for _, h := range []host{theSystem, theUser} {
		h.install(t, map[string]string{"v-up.service": sleeps, "v-t.timer": "[Timer]\nOnActiveSec=0\n", "v-t.service": sleeps})
		h.systemctl(t, "start", "v-up", "v-t.timer")
		v, _ := h.check(t, "v-up").probe()
		u := v.Unit
		if pid := h.systemctl(t, "show", "v-up", "--value", "-p", "MainPID"); u.MainPID == 0 || strconv.Itoa(u.MainPID) != pid {
			t.Errorf("main_pid is %d, systemd says %s", u.MainPID, pid)
		}
		if u.Name != "v-up" || u.ID != "v-up.service" || u.Type != "simple" || u.Status != "healthy" || u.ActiveFor <= 0 || u.LastTriggerAge != nil || u.Triggered {
			t.Errorf("the unit is %+v", u)
		}
		if bytes := h.systemctl(t, "show", "v-up", "--value", "-p", "MemoryCurrent"); (bytes == "[not set]") != (u.Memory == nil) {
			t.Errorf("memory is %v, systemd says %s", u.Memory, bytes)
		}
		h.until(t, "v-t", "ActiveState", "active")
		v, _ = h.check(t, "v-t.timer").probe()
		if u := v.Unit; u.Type != "timer" || u.LastTriggerAge == nil || *u.LastTriggerAge < 0 || *u.LastTriggerAge == never {
			t.Errorf("the timer is %+v", u)
		}
		v, _ = h.check(t, "v-t").probe()
		if !v.Unit.Triggered {
			t.Errorf("the timer's service is %+v", v.Unit)
		}
		v, _ = h.check(t, "v-none").probe()
		if u := v.Unit; u.Load != "not-found" || u.Active != "inactive" || u.Memory != nil || u.ActiveFor != 0 || u.Status != "unhealthy" {
			t.Errorf("the missing unit is %+v", u)
		}
	}
}

func testConform(t *testing.T) {
	theSystem.install(t, map[string]string{"c-up.service": sleeps})
	theSystem.systemctl(t, "start", "c-up")
	t.Chdir(sourceFolder(t))
	checktest.Conform(t, Type, checktest.Cases{
		Good: func(*testing.T) any { return &Config{Scope: system, Unit: "c-up"} },
		Hanging: func(t *testing.T) any {
			t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+listen(t, silent))
			return &Config{Scope: system, Unit: "c-up"}
		},
		Dead: func(t *testing.T) any {
			t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+listen(t, hangUp))
			return &Config{Scope: system, Unit: "c-up"}
		},
	})
}

// sourceFolder is a folder named as the type's: the test binary runs elsewhere.
func sourceFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir() + "/systemd"
	run(t, "mkdir", folder)
	return folder
}

// many starts as many services, and returns their names.
func many(t *testing.T, n int) []string {
	t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("many@%03d", i)
	}
	theSystem.install(t, map[string]string{"many@.service": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"})
	theSystem.systemctl(t, append([]string{"start"}, names...)...)
	return names
}

// testMany probes more units than the bus answers calls at once.
func testMany(t *testing.T) {
	names := many(t, 200)
	for what, check := range map[string]checked{"all properties": theSystem.check(t, names...), "no rules": theSystem.unread(t, names...)} {
		check.want(healthy, `All 200 services running`)
		start := time.Now()
		check.want(healthy, `All 200 services running`)
		t.Logf("%d units, %s: %v", len(names), what, time.Since(start))
	}
}

// testShared probes from many checks at once, which share one connection.
func testShared(t *testing.T) {
	names := many(t, 200)
	before, shared := goleak.IgnoreCurrent(), &checktypes.Shared{}
	all := make([]checktypes.Probe, 10)
	for i := range all {
		var err error
		all[i], err = Type.Open(&Config{Scope: system, Units: names}, checktypes.Env{Timeout: 10 * time.Second, Shared: shared})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := shared.Len(); n != 1 {
		t.Errorf("%d checks hold %d connections", len(all), n)
	}
	ended, start := make(chan error), time.Now()
	for _, p := range all {
		go func() {
			_, err := p.Run(t.Context())
			ended <- errors.Join(err, p.Close())
		}()
	}
	for range all {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d checks of %d units each: %v", len(all), len(names), time.Since(start))
	goleak.VerifyNone(t, before)
}
