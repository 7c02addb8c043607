package command

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

func TestConform(t *testing.T) {
	checktest.Conform(t, Type, checktest.Cases{
		Good:    func(t *testing.T) any { return shell("echo fine; cat") },
		Hanging: func(t *testing.T) any { return argv("sleep", "3600") },
		Dead:    func(t *testing.T) any { return argv("no-such-program") },
	})
}

// families are lines that begin processes; TOKEN is what they are found by. With
// "exit 0" or "wait" behind it the leader ends, at once or later, or stays.
var families = []struct{ name, line string }{
	{"a child", "sleep TOKEN &"},
	{"one that ignores signals", `sh -c 'trap "" TERM INT HUP; while :; do sleep TOKEN; done' &`},
	{"its own group", "set -m; sleep TOKEN & set +m;"},
	{"its own session", "setsid sleep TOKEN &"},
	{"a daemon", "(setsid sh -c 'sleep TOKEN & exit' &) ;"},
	{"a daemon that closed its files", "(setsid sh -c 'sleep TOKEN >/dev/null 2>&1 </dev/null & exit' >/dev/null 2>&1 </dev/null &) ;"},
	{"without environment, in the session", "(env -i sh -c 'sleep TOKEN >/dev/null 2>&1 & exit' &) ;"},
	{"without environment, with output", "(env -i setsid sh -c 'sleep TOKEN & exit' &) ;"},
	{"without environment, in a marked session", "setsid sh -c 'env -i sh -c \"env -i sleep TOKEN >/dev/null 2>&1 & exit\"; sleep TOKEN' &"},
	{"without environment, of a marked parent", "setsid sh -c 'setsid env -i sleep TOKEN >/dev/null 2>&1 & sleep TOKEN' &"},
	{"many", "for i in 1 2 3 4 5 6 7 8 9; do setsid sh -c 'setsid sleep TOKEN & sleep TOKEN & sleep TOKEN' & done;"},
}

// TestNothingIsLeft: whatever a command begins is gone when the probe returns, which
// it does in time.
func TestNothingIsLeft(t *testing.T) {
	linuxOnly(t)
	checktest.Need(t, "setsid")
	for _, f := range families {
		for _, leader := range []string{"exit 0", "sleep 0.05; exit 0", "wait; sleep TOKEN"} {
			t.Run(f.name+", "+leader, func(t *testing.T) {
				after := 20 * time.Second
				if strings.HasPrefix(leader, "wait") {
					after = 400 * time.Millisecond
				}
				token := token()
				line := strings.ReplaceAll(f.line+" "+leader, "TOKEN", token)
				_, took, err := run(t, shell(line), t.TempDir(), after)
				nothingIsLeft(t, token)
				if hangs := strings.HasPrefix(leader, "wait"); !hangs && err != nil {
					t.Error(err)
				} else if hangs && (err == nil || err.Error() != "timed out after 400ms running the command") {
					t.Errorf("the error is %v", err)
				}
				if took > after+10*time.Second {
					t.Errorf("the probe took %v", took)
				}
			})
		}
	}
}

// TestNoneIsBegunMeanwhile: a process that begins one after the other, which only
// show by whose children they are, begins none between being seen and being killed.
func TestNoneIsBegunMeanwhile(t *testing.T) {
	linuxOnly(t)
	checktest.Need(t, "setsid")
	for range 10 {
		token := token()
		line := "setsid sh -c 'while :; do setsid env -i sleep " + token + " >/dev/null 2>&1 & sleep 0.001; done' & wait"
		if _, _, err := run(t, shell(line), "/", 120*time.Millisecond); err == nil {
			t.Error("it ended by itself")
		}
		nothingIsLeft(t, token)
	}
}

// TestLeaderResists: no program keeps a probe from ending.
func TestLeaderResists(t *testing.T) {
	const after = 300 * time.Millisecond
	for _, line := range []string{
		`trap "" TERM INT HUP QUIT; while :; do sleep TOKEN; done`,
		"exec sleep TOKEN",
		"kill -STOP $$; sleep TOKEN",
		"while :; do :; done # TOKEN",
		"yes TOKEN",
	} {
		t.Run(line, func(t *testing.T) {
			token := token()
			_, took, err := run(t, shell(strings.ReplaceAll(line, "TOKEN", token)), t.TempDir(), after)
			if err == nil || err.Error() != "timed out after 300ms running the command" {
				t.Errorf("the error is %v", err)
			}
			if took > after+10*time.Second {
				t.Errorf("the probe took %v", took)
			}
			nothingIsLeft(t, token)
		})
	}
}

// TestConcurrent: commands that begin daemons end their own and nothing else, also
// not what other parts of this process have started and wait for.
func TestConcurrent(t *testing.T) {
	linuxOnly(t)
	checktest.Need(t, "setsid")
	stranger := exec.Command("sleep", token())
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	tokens := make([]string, 10)
	var all sync.WaitGroup
	for i := range tokens {
		tokens[i] = token()
		all.Go(func() {
			for range 3 {
				quick := exec.Command("sh", "-c", "exit 7") // of somebody else, at the same time
				c := shell("(setsid sh -c 'setsid sleep " + tokens[i] + " & sleep " + tokens[i] + "' &) ; exit " + string(rune('0'+i%4)))
				after := 10 * time.Second
				if i%2 == 0 {
					c.Shell, after = strings.Replace(c.Shell, "exit", "sleep "+tokens[i]+"; exit", 1), 300*time.Millisecond
				}
				err := quick.Start()
				v, _, probed := run(t, c, "/", after)
				if i%2 == 0 && probed == nil || i%2 == 1 && (probed != nil || v.ExitCode != i%4) {
					t.Errorf("exit %d, error %v", v.ExitCode, probed)
				}
				if err == nil {
					err = quick.Wait()
				}
				if err == nil || err.Error() != "exit status 7" {
					t.Errorf("another command ended with %v", err)
				}
				noneAlive(t, tokens[i])
			}
		})
	}
	all.Wait()
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a process that was no check's: %v", err)
	}
	stranger.Process.Kill()
	if err := stranger.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("a process that was no check's ended with %v", err)
	}
	nothingIsLeft(t, tokens[0])
}

// TestAsInit: where orphans become our children, as process 1's do, the ones that
// are killed are reaped too.
func TestAsInit(t *testing.T) {
	linuxOnly(t)
	checktest.Need(t, "setsid")
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	ends := struct{ name, line string }{"one that ends by itself", "(sh -c 'sleep 0.001 & exit' &) ;"}
	for _, f := range append(families[3:7:7], ends) {
		token := token()
		if _, _, err := run(t, shell(strings.ReplaceAll(f.line+" sleep 0.05", "TOKEN", token)), "/", 10*time.Second); err != nil {
			t.Error(err)
		}
		noneAlive(t, token)
		ours := func() (left []string) {
			return slices.DeleteFunc(zombies(t), func(z string) bool { return !strings.Contains(z, "(sleep)") })
		}
		if !soon(func() bool { return len(ours()) == 0 }) {
			t.Errorf("%s: zombies are %s", f.name, ours())
		}
	}
	for { // those that ended by themselves are nobody's but init's
		if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
			break
		}
	}
}

// TestDiesWithUs: a daemon that is killed leaves no command behind.
func TestDiesWithUs(t *testing.T) {
	linuxOnly(t)
	token := token()
	daemon := exec.Command(os.Args[0])
	daemon.Env = append(os.Environ(), helper+"="+token)
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the command runs", func() bool { return len(alive("sleep\x00"+token)) == 1 })
	daemon.Process.Kill()
	daemon.Wait()
	eventually(t, "the command dies", func() bool { return len(alive("sleep\x00"+token)) == 0 })
}

// TestCancelled: a daemon that stops waits for no command.
func TestCancelled(t *testing.T) {
	token := token()
	p, err := Type.Open(argv("sleep", token), checktypes.Env{Dir: "/", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		eventually(t, "it runs", func() bool { return len(alive(token)) == 1 })
		cancel()
	}()
	if _, err := p.Run(ctx); err == nil || err.Error() != "cancelled running sleep" {
		t.Errorf("the error is %v", err)
	}
	nothingIsLeft(t, token)
}

// TestLateOutput: what a finished program's helpers still print in a moment is read,
// and those that print on are not waited for.
func TestLateOutput(t *testing.T) {
	eventually(t, "late output is read", func() bool { // on a busy machine a moment may be too short
		v, _, err := run(t, shell("(sleep 0.03; echo late) & echo early"), "/", 10*time.Second)
		return err == nil && v.Stdout == "early\nlate"
	})
	token := token()
	v, took, err := run(t, shell("(while :; do echo x; sleep 0.01; done; : "+token+") & echo early"), "/", 10*time.Second)
	if err != nil || !strings.HasPrefix(v.Stdout, "early") && !strings.HasPrefix(v.Stdout, "x") || took > 5*time.Second {
		t.Errorf("after %v stdout is %q, error %v", took, v.Stdout, err)
	}
	noneAlive(t, token)
}

func TestBetween(t *testing.T) {
	cases := []struct {
		first, pid, last int
		want             bool
	}{
		{100, 101, 105, true}, {100, 105, 105, true}, {100, 106, 105, false}, {100, 99, 105, false},
		{32000, 32500, 400, true}, {32000, 350, 400, true}, {32000, 401, 400, false}, {32000, 31999, 400, false},
		{100, 5, 0, true},
	}
	for _, c := range cases {
		if got := between(c.first, c.pid, c.last); got != c.want {
			t.Errorf("%d between %d and %d: %v", c.pid, c.first, c.last, got)
		}
	}
}
