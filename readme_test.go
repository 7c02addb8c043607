package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
)

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// fences are the README's blocks of a language.
func fences(t *testing.T, language string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if m[1] == language {
			blocks = append(blocks, m[2])
		}
	}
	return blocks
}

// clone is a copy of what git tracks, and what it does not ignore.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		checktest.Skip(t, "git and a checkout")
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		info, err := os.Stat(name)
		if err != nil {
			continue // deleted, not committed yet
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReadme does what the README tells a newcomer to do, in a fresh copy of the
// tree: its commands in order, and every snippet.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := clone(t)
	sh := func(line string) (string, error) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, block := range fences(t, "sh") {
		for line := range strings.Lines(block) {
			switch line = strings.TrimSpace(line); line {
			case "make run":
				nobodyListens(t, "localhost:5051")
				background(t, dir, "make", "run")
			case "curl localhost:5051/health":
				healthy(t)
			case "make test":
				// This is what runs this test.
			default:
				if out, err := sh(line); err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
		}
	}
	for i, block := range fences(t, "yaml") {
		name := filepath.Join(dir, "snippet.yaml")
		if err := os.WriteFile(name, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := sh("polyhealth validate snippet.yaml"); err != nil || strings.Contains(out, "warning") {
			t.Errorf("snippet %d: %v\n%s", i+1, err, out)
		}
	}
	mistake := "checks:\n  web:\n    http: http://localhost/\n    rules:\n      degraded: latncy > \"1s\"\n"
	if err := os.WriteFile(filepath.Join(dir, "mistake.yaml"), []byte(mistake), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, block := range fences(t, "console") {
		command, want, _ := strings.Cut(strings.TrimPrefix(block, "$ "), "\n")
		if out, _ := sh(command); out != want {
			t.Errorf("%s prints\n%s\nthe README shows\n%s", command, out, want)
		}
	}
}

// nobodyListens waits until nobody does any more: what a daemon of another test answers
// is not ours.
func nobodyListens(t *testing.T, address string) {
	t.Helper()
	for range 600 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		conn.Close()
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("another program listens on %s", address)
}

// background runs a command and what it starts until the end of the test. It returns
// once a line of what that prints holds "is running".
func background(t *testing.T, dir string, argv ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
	})
	runs := make(chan bool, 1)
	var said strings.Builder
	go func() {
		defer close(runs)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "is running") {
				runs <- true
				_, _ = io.Copy(io.Discard, out)
				return
			}
			said.WriteString(lines.Text() + "\n")
		}
	}()
	if !<-runs {
		t.Fatalf("%s ended:\n%s", strings.Join(argv, " "), said.String())
	}
}

// healthy asks what curl would until polyhealth says it is well: five checks, by
// all five types.
func healthy(t *testing.T) {
	t.Helper()
	var answer struct {
		Status     string
		Components []struct{ Name, Status, Message string }
	}
	for range 3000 {
		resp, err := http.Get("http://localhost:5051/health")
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode == 200 && json.Unmarshal(body, &answer) == nil {
				break
			}
		}
		time.Sleep(100 * time.Millisecond) // another process builds and starts
	}
	if answer.Status != "healthy" || len(answer.Components) != 5 {
		t.Fatalf("not healthy within five minutes: %+v", answer)
	}
}

// TestExamples validates every file that the repository offers to start from,
// without warnings, in an environment that sets nothing, and runs its tests.
func TestExamples(t *testing.T) {
	files, _ := filepath.Glob("examples/*.yaml")
	more, _ := filepath.Glob("examples/*/*.yaml")
	units, _ := filepath.Glob("systemd/*.yaml")
	files = append(append(append(files, more...), units...), "checks.yaml")
	if len(files) < 9 {
		t.Fatalf("only %d files", len(files))
	}
	binary := filepath.Join(t.TempDir(), "polyhealth")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, file := range files {
		cmd := exec.Command(binary, "validate", file)
		cmd.Env = []string{"HOME=/nonexistent", "PATH=/usr/bin:/bin"}
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "warning") {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
		if strings.HasPrefix(file, "systemd/") {
			continue // a first file, to be filled
		}
		cmd = exec.Command(binary, "test", file)
		cmd.Env = []string{"HOME=/nonexistent", "PATH=/usr/bin:/bin"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("the tests of %s: %v\n%s", file, err, out)
		}
	}
}
