package command

import (
	"bytes"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

// TestOwnFaults: what cannot be run says nothing of the target.
func TestOwnFaults(t *testing.T) {
	dir := script(t, "fine", "#!/bin/sh\nexit 0")
	for name, text := range map[string]string{"plain": "x", "broken": "#!/no/such/interpreter\n", "odd": "not a program"} {
		mode := os.FileMode(0o755)
		if name == "plain" {
			mode = 0o644
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	path := func(c *Config) { c.Env = map[string]string{"PATH": dir} }
	cases := []struct {
		c    *Config
		want string // DIR is the folder
	}{
		{argv("no-such-program"), "no such program: no-such-program"},
		{argv("./no-such-program"), "no such program: ./no-such-program"},
		{argv("/no/such/program"), "no such program: /no/such/program"},
		{argv("./plain"), "cannot run DIR/plain: it is not executable"},
		{with(argv("plain"), path), "cannot run DIR/plain: it is not executable"},
		{argv("./broken"), "cannot run DIR/broken: its interpreter is missing"},
		{argv("./odd"), "cannot run DIR/odd: exec format error"},
		{argv("/"), "cannot run /: it is a folder"},
		{with(argv("true"), func(c *Config) { c.Dir = "nowhere" }), "no such folder: DIR/nowhere"},
		{with(argv("true"), func(c *Config) { c.Dir = "fine" }), "no such folder: DIR/fine"},
		{with(argv("true"), func(c *Config) { c.User = "no-such-user" }), "no such user: no-such-user"},
		{with(argv("true"), func(c *Config) { c.User = "4000000000" }), "no such user: 4000000000"},
		{argv(strings.Repeat("x", 300)), "no such program: " + strings.Repeat("x", 300)},
		{argv("true", strings.Repeat("x", 8<<20)), "cannot run /usr/bin/true: argument list too long"},
	}
	for _, c := range cases {
		_, _, err := run(t, c.c, dir, 10*time.Second)
		want := strings.ReplaceAll(c.want, "DIR", dir)
		if err == nil || err.Error() != want || !checktypes.IsOwnFault(err) {
			t.Errorf("the error is %v (own fault: %v), want %s", err, checktypes.IsOwnFault(err), want)
		}
	}
}

// TestFolders: a program with a slash, and dir, are relative to the file's folder.
func TestFolders(t *testing.T) {
	dir := script(t, "where", "#!/bin/sh\npwd")
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		c    *Config
		want string
	}{
		{argv("./where"), dir},
		{argv("pwd"), dir},
		{shell("./where"), dir},
		{with(argv("./where"), func(c *Config) { c.Dir = "sub" }), dir + "/sub"},
		{with(argv("sub/../where"), func(c *Config) { c.Dir = "/" }), "/"},
		{with(argv("where"), func(c *Config) { c.Env = map[string]string{"PATH": "/nowhere:" + dir} }), dir},
	}
	for _, c := range cases {
		v, _, err := run(t, c.c, dir, 10*time.Second)
		if err != nil || v.Stdout != c.want {
			t.Errorf("%v in %q: %q, error %v, want %s", c.c.Argv, c.c.Dir, v.Stdout, err, c.want)
		}
	}
}

// TestEnvironment: a program gets what it needs, and none of the daemon's secrets.
func TestEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"PATH": "/usr/bin:/bin", "HOME": "/home/x", "USER": "x", "LOGNAME": "x", "LANG": "C.UTF-8", "LC_ALL": "C", "LC_TIME": "C",
		"TZ": "UTC", "TMPDIR": "/tmp", "TELEGRAM_BOT_TOKEN": "secret", "DATABASE_URL": "secret", "NOTIFY_SOCKET": "/run/x",
		"CREDENTIALS_DIRECTORY": "/run/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "LISTEN_FDS": "1", "INVOCATION_ID": "x",
		"STATE_DIRECTORY": "/var/lib/x", "LD_PRELOAD": "", "PERL5LIB": "/x",
	} {
		t.Setenv(name, value)
	}
	c := argv("env")
	c.Env = map[string]string{"PGHOST": "h", "TZ": "Europe/Berlin", markName: "mine"}
	v, err := once(t, c)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(v.Stdout, "\n")
	slices.Sort(got)
	got = slices.DeleteFunc(got, func(line string) bool { return strings.HasPrefix(line, markName+"=") && line != markName+"=mine" })
	want := []string{"HOME=/home/x", "LANG=C.UTF-8", "LC_ALL=C", "LC_TIME=C", "LOGNAME=x", "PATH=/usr/bin:/bin", "PGHOST=h", "TMPDIR=/tmp", "TZ=Europe/Berlin", "USER=x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := environment(nil, nil, nil); !cmp.Equal(got, map[string]string{"PATH": defaultPath}) {
		t.Errorf("without any the environment is %v", got)
	}
}

// TestUser runs programs as somebody else, as root may.
func TestUser(t *testing.T) {
	if os.Getuid() != 0 {
		checktest.Skip(t, "root")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		checktest.Skip(t, "a user nobody")
	}
	t.Setenv("TMPDIR", "/root/tmp")
	for _, name := range []string{"nobody", nobody.Uid} {
		c := shell(`id -u; id -G; echo "$HOME $USER $LOGNAME $TMPDIR"; cat; echo x >/dev/stdout; cat /root/.profile 2>/dev/null; cat /proc/self/loginuid >/dev/null`)
		c.User, c.Stdin = name, "in\n"
		v, _, err := run(t, c, "/", 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		groups, _ := nobody.GroupIds()
		want := nobody.Uid + "\n" + strings.Join(groups, " ") + "\n" + nobody.HomeDir + " nobody nobody \nin\nx"
		if v.Stdout != want {
			t.Errorf("stdout is %q, want %q", v.Stdout, want)
		}
	}
	c := argv("sleep", token())
	c.User = "nobody"
	if _, took, err := run(t, c, "/", 200*time.Millisecond); err == nil || took > 10*time.Second {
		t.Errorf("a hanging one ends after %v with %v", took, err)
	}
	nothingIsLeft(t, c.Argv[1])
	c = argv("true")
	c.User, c.Dir = "nobody", "/root"
	if err := os.Chmod("/root", 0o700); err == nil {
		_, _, err = run(t, c, "/", time.Second)
		if err == nil || err.Error() != "cannot run /usr/bin/true as nobody: permission denied" || !checktypes.IsOwnFault(err) {
			t.Errorf("in a folder of root's the error is %v", err)
		}
	}
}

// TestUnprivileged is all that a daemon without privilege may do: it runs the tests
// of families again, and cannot become another user.
func TestUnprivileged(t *testing.T) {
	const inner = "POLYHEALTH_TEST_UNPRIVILEGED"
	if testing.Short() {
		t.Skip("runs other tests again, which -short leaves out")
	}
	if os.Getuid() == 0 && os.Getenv(inner) == "" {
		cmd := exec.Command("/proc/self/exe", "-test.run=^(TestUnprivileged|TestNothingIsLeft|TestConcurrent|TestAsInit)$", "-test.v")
		cmd.Env = []string{inner + "=1", "TMPDIR=/tmp", "PATH=" + os.Getenv("PATH")}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		for _, name := range []string{"TestUnprivileged", "TestNothingIsLeft", "TestConcurrent", "TestAsInit"} {
			if err != nil || !bytes.Contains(out, []byte("--- PASS: "+name+" ")) {
				t.Fatalf("as nobody: %v\n%s", err, out)
			}
		}
		return
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	c := argv("id", "-u")
	c.User = me.Username
	if v, _, err := run(t, c, "/", 10*time.Second); err != nil || v.Stdout != me.Uid {
		t.Errorf("as oneself: %q, error %v", v.Stdout, err)
	}
	c.User = "root"
	_, _, err = run(t, c, "/", 10*time.Second)
	if err == nil || err.Error() != "cannot run /usr/bin/id as root: only root may run a program as another user" || !checktypes.IsOwnFault(err) {
		t.Errorf("the error is %v", err)
	}
}
