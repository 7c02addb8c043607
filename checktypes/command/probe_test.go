package command

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

func with(c *Config, change func(*Config)) *Config { change(c); return c }

func format(c *Config, format string) *Config { c.Format = format; return c }

// TestFacts is what rules see of a program that ended, and how it is judged and
// described without any.
func TestFacts(t *testing.T) {
	long := strings.Repeat("ä", 300)
	cases := []struct {
		name    string
		c       *Config
		want    Vars
		status  checktypes.Status
		summary string
	}{
		{"fine", argv("echo", "a b", "$HOME;"), Vars{Stdout: "a b $HOME;"}, checktypes.Healthy, "a b $HOME;"},
		{"silent", argv("true"), Vars{}, checktypes.Healthy, "exit 0 in 12ms"},
		{"fails", shell("echo out; echo err >&2; exit 7"), Vars{ExitCode: 7, Stdout: "out", Stderr: "err"}, checktypes.Unhealthy, "err"},
		{"fails, only stdout", shell("echo; echo out; exit 7"), Vars{ExitCode: 7, Stdout: "\nout"}, checktypes.Unhealthy, "out"},
		{"fails silently", shell("exit 255"), Vars{ExitCode: 255}, checktypes.Unhealthy, "exit 255 in 12ms"},
		{"chatty stderr", shell("echo warning >&2; echo fine"), Vars{Stdout: "fine", Stderr: "warning"}, checktypes.Healthy, "fine"},
		{"killed", shell("echo x; kill -SEGV $$"), Vars{ExitCode: 139, Stdout: "x", Signal: "SIGSEGV"}, checktypes.Unhealthy, "killed by SIGSEGV"},
		{"killed by a real-time signal", shell("kill -40 $$"), Vars{ExitCode: 168, Signal: "SIG40"}, checktypes.Unhealthy, "killed by SIG40"},
		{"aborted", shell("ulimit -c 0; kill -ABRT $$"), Vars{ExitCode: 134, Signal: "SIGABRT"}, checktypes.Unhealthy, "killed by SIGABRT"},
		{"line breaks", shell(`printf '\n\n  first\r\nsecond\n\n'`), Vars{Stdout: "\n\n  first\r\nsecond"}, checktypes.Healthy, "first"},
		{"colours", shell(`printf '\033[1;31mred\033[0m\a\tone\n'`), Vars{Stdout: "\x1b[1;31mred\x1b[0m\a\tone"}, checktypes.Healthy, "red one"},
		{"long", argv("echo", long), Vars{Stdout: long}, checktypes.Healthy, strings.Repeat("ä", 199) + "…"},
		{"not UTF-8", shell(`printf 'a\377\000b'`), Vars{Stdout: "a\uFFFD\uFFFDb"}, checktypes.Healthy, "a\uFFFD\uFFFDb"},
		{"stdin", with(argv("cat"), func(c *Config) { c.Stdin = "in\n" }), Vars{Stdout: "in"}, checktypes.Healthy, "in"},
		{"no stdin", shell("cat; echo end"), Vars{Stdout: "end"}, checktypes.Healthy, "end"},
		{"unread stdin", with(argv("true"), func(c *Config) { c.Stdin = strings.Repeat("x", 1<<20) }), Vars{}, checktypes.Healthy, "exit 0 in 12ms"},
		{"much stdin", with(shell("cat | wc -c"), func(c *Config) { c.Stdin = strings.Repeat("x", 1<<20) }), Vars{Stdout: "1048576", JSON: 1048576}, checktypes.Healthy, "1048576"},
		{"truncated", with(shell("printf 1234567; printf abcdefg >&2"), func(c *Config) { c.MaxOutput = 6 }), Vars{Stdout: "123…", Stderr: "abc…", Truncated: true}, checktypes.Healthy, "123…"},
		{"just not truncated", with(argv("printf", "123"), func(c *Config) { c.MaxOutput = 3 }), Vars{Stdout: "123", JSON: 123}, checktypes.Healthy, "123"},
		{"truncated in a character", with(argv("printf", "aäbcd"), func(c *Config) { c.MaxOutput = 5 }), Vars{Stdout: "a…", Truncated: true}, checktypes.Healthy, "a…"},
		{"room for nothing", with(argv("printf", "12345"), func(c *Config) { c.MaxOutput = 1 }), Vars{Stdout: "…", Truncated: true}, checktypes.Healthy, "…"},
		{"own devices", shell("echo out >/dev/stdout; echo err >/dev/stderr"), Vars{Stdout: "out", Stderr: "err"}, checktypes.Healthy, "out"},
		{"json unasked", argv("echo", `{"n": 1}`), Vars{Stdout: `{"n": 1}`, JSON: map[string]any{"n": 1}}, checktypes.Healthy, `{"n": 1}`},
		{"json", format(argv("echo", `{"n": [1, 2.5]}`), "json"), Vars{Stdout: `{"n": [1, 2.5]}`, JSON: map[string]any{"n": []any{1, 2.5}}}, checktypes.Healthy, "exit 0 in 12ms"},
		{"json, fails", format(shell("echo null; echo err >&2; exit 1"), "json"), Vars{ExitCode: 1, Stdout: "null", Stderr: "err"}, checktypes.Unhealthy, "err"},
		{"nagios", format(shell("echo 'DISK OK - 5 | /=5MB'; echo more"), "nagios"), Vars{Stdout: "DISK OK - 5 | /=5MB\nmore", Perfdata: map[string]*Perf{"/": {Value: 5, Unit: "MB"}}}, checktypes.Healthy, "DISK OK - 5"},
		{"nagios 1", format(shell("echo 'WARN'; exit 1"), "nagios"), Vars{ExitCode: 1, Stdout: "WARN", Perfdata: map[string]*Perf{}}, checktypes.Degraded, "WARN"},
		{"nagios 2", format(shell("echo 'CRIT |'; exit 2"), "nagios"), Vars{ExitCode: 2, Stdout: "CRIT |", Perfdata: map[string]*Perf{}}, checktypes.Unhealthy, "CRIT"},
		{"nagios 3", format(shell("exit 3"), "nagios"), Vars{ExitCode: 3, Perfdata: map[string]*Perf{}}, checktypes.Unknown, "exit 3 in 12ms"},
		{"nagios 127", format(shell("no-such-plugin 2>/dev/null"), "nagios"), Vars{ExitCode: 127, Perfdata: map[string]*Perf{}}, checktypes.Unknown, "exit 127 in 12ms"},
		{"nagios killed", format(shell("kill -9 $$"), "nagios"), Vars{ExitCode: 137, Signal: "SIGKILL", Perfdata: map[string]*Perf{}}, checktypes.Unhealthy, "killed by SIGKILL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, err := once(t, c.c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, v); diff != "" {
				t.Error(diff)
			}
			if got := judge(c.c, &v); got != c.status {
				t.Errorf("it is judged %v, want %v", got, c.status)
			}
			v.Latency = 12 * time.Millisecond
			if got := summary(c.c, &v); got != c.summary {
				t.Errorf("it is described as %q, want %q", got, c.summary)
			}
		})
	}
}

// TestNotJSON: a program that promised JSON and printed something else.
func TestNotJSON(t *testing.T) {
	cases := []struct {
		c    *Config
		want string
	}{
		{format(argv("true"), "json"), "stdout is not JSON: it is empty"},
		{format(argv("echo", "{"), "json"), "stdout is not JSON: it ends too early"},
		{format(shell("echo no; echo it broke >&2; exit 3"), "json"), "stdout is not JSON: invalid character 'o' in literal null (expecting 'u'); exit 3: it broke"},
		{format(shell("kill -9 $$"), "json"), "stdout is not JSON: it is empty; killed by SIGKILL"},
		{with(format(argv("echo", "[1,2,3]"), "json"), func(c *Config) { c.MaxOutput = 3 }), "stdout is longer than 3 bytes (max_output)"},
	}
	for _, c := range cases {
		_, err := once(t, c.c)
		if err == nil || err.Error() != c.want || checktypes.IsOwnFault(err) {
			t.Errorf("the error is %v, want %s", err, c.want)
		}
	}
}

// TestMuchOutput: what a program prints costs no more memory than max_output.
func TestMuchOutput(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c := shell("head -c 1000000000 /dev/zero; head -c 1000000 /dev/zero >&2; echo end")
	v, _, err := run(t, c, "/", 60*time.Second)
	runtime.ReadMemStats(&after)
	want := strings.Repeat("\uFFFD", 64<<10-3) + "…"
	if err != nil || v.Stdout != want || v.Stderr != want || !v.Truncated {
		t.Errorf("%d and %d bytes, truncated %v, error %v", len(v.Stdout), len(v.Stderr), v.Truncated, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("it took %d bytes of memory", used)
	}
}

// TestPlugins runs Debian's own.
func TestPlugins(t *testing.T) {
	dummy := checktest.Need(t, "check_dummy")
	plugin := func(args ...string) *Config { return format(argv(args...), "nagios") }
	for code, status := range []checktypes.Status{checktypes.Healthy, checktypes.Degraded, checktypes.Unhealthy, checktypes.Unknown} {
		c := plugin(dummy, fmt.Sprint(code), "a <b> word")
		v, err := once(t, c)
		want := []string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[code] + ": a <b> word"
		if got := summary(c, &v); err != nil || judge(c, &v) != status || got != want {
			t.Errorf("check_dummy %d: %v %q, error %v", code, judge(c, &v), got, err)
		}
	}
	l := listen(t)
	c := plugin(checktest.Need(t, "check_tcp"), "-H", "127.0.0.1", "-p", l.port, "-w", "5", "-c", "9")
	v, err := once(t, c)
	if p := v.Perfdata["time"]; err != nil || judge(c, &v) != checktypes.Healthy || p == nil || p.Unit != "s" || p.Value <= 0 || p.Value > 5 || p.InWarn || p.InCrit || p.Crit == "" {
		t.Errorf("check_tcp: %+v, perfdata %+v, error %v", v, p, err)
	}
	l.Close()
	if v, err = once(t, c); err != nil || judge(c, &v) != checktypes.Unhealthy || !strings.Contains(summary(c, &v), "onnection refused") {
		t.Errorf("check_tcp of nothing: %+v, error %v", v, err)
	}
	c = plugin(checktest.Need(t, "check_load"), "-w", "0,0,0", "-c", "9999,9999,9999")
	if v, err = once(t, c); err != nil || v.Perfdata["load1"] == nil || v.Perfdata["load15"] == nil || v.Perfdata["load5"].InCrit {
		t.Errorf("check_load: %+v, error %v", v, err)
	}
	c = plugin(checktest.Need(t, "check_procs"), "-c", "1:100000")
	if v, err = once(t, c); err != nil || judge(c, &v) != checktypes.Healthy || v.Perfdata["procs"] == nil || v.Perfdata["procs"].Value < 1 {
		t.Errorf("check_procs: %+v, error %v", v, err)
	}
	c = plugin(checktest.Need(t, "check_disk"), "-w", "0%", "-c", "0%", "-p", "/")
	if v, err = once(t, c); err != nil || v.Perfdata["/"] == nil || v.Perfdata["/"].Max == nil {
		t.Errorf("check_disk: %+v, error %v", v, err)
	}
}
