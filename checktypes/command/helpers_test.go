package command

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes"
)

// helper names the environment variable that makes the test's own binary a daemon
// that runs a check and is killed.
const helper = "POLYHEALTH_TEST_HELPER"

func TestMain(m *testing.M) {
	if token := os.Getenv(helper); token != "" {
		p, _ := Type.Open(shell("exec sleep "+token), checktypes.Env{Dir: "/", Timeout: time.Minute})
		p.Run(context.Background())
		return
	}
	os.Exit(m.Run())
}

func argv(argv ...string) *Config {
	c := Type.NewConfig().(*Config)
	c.Argv = argv
	return c
}

func shell(line string) *Config {
	c := Type.NewConfig().(*Config)
	c.Shell = line
	return c
}

// run opens, probes and closes. dir is where the check's file is.
func run(t *testing.T, c *Config, dir string, timeout time.Duration) (Vars, time.Duration, error) {
	t.Helper()
	p, err := Type.Open(c, checktypes.Env{Name: t.Name(), Dir: dir, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	start := time.Now()
	facts, err := p.Run(ctx)
	return facts.Env().(Vars), time.Since(start), err
}

// once is run with time to spare.
func once(t *testing.T, c *Config) (Vars, error) {
	t.Helper()
	v, _, err := run(t, c, t.TempDir(), 20*time.Second)
	return v, err
}

var tokens atomic.Int64

// token is an argument of sleep that no other process has: some hours.
func token() string {
	return fmt.Sprintf("%d.%d%06d", 9000+tokens.Add(1), os.Getpid(), time.Now().Nanosecond()/1000)
}

// alive are the living processes that have an argument, as /proc tells.
func alive(argument string) (pids []int) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range lines {
		line, _ := os.ReadFile(file)
		if bytes.Contains(line, []byte(argument)) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// noneAlive wants no living process to have an argument, and ends those that do. On
// a busy machine what was killed takes a moment to die.
func noneAlive(t *testing.T, argument string) {
	t.Helper()
	soon(func() bool { return len(alive(argument)) == 0 })
	for _, pid := range alive(argument) {
		t.Errorf("the process %d is left", pid)
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// nothingIsLeft is noneAlive, and no zombies.
func nothingIsLeft(t *testing.T, argument string) {
	t.Helper()
	noneAlive(t, argument)
	soon(func() bool { return len(zombies(t)) == 0 })
	for _, zombie := range zombies(t) {
		t.Errorf("a zombie is left: %s", zombie)
	}
}

// zombies are our children that ended and were not reaped.
func zombies(t *testing.T) (found []string) {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		stat, _ := os.ReadFile(file)
		_, after, _ := strings.Cut(string(stat), ") ")
		if strings.HasPrefix(after, "Z "+strconv.Itoa(os.Getpid())+" ") {
			found = append(found, string(stat))
		}
	}
	return found
}

// eventually waits for what other processes do.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	if !soon(true) {
		t.Fatalf("not within 10s: %s", what)
	}
}

// soon waits until something is true, for 10 s at most, and reports whether it is.
func soon(is func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// script is an executable file in a new folder.
func script(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func linuxOnly(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux: elsewhere only the process group is killed")
	}
}

type listener struct {
	net.Listener
	port string
}

// listen is a server that takes connections.
func listen(t *testing.T) listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return listener{l, port}
}
