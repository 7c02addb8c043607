package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A thousand SIGHUPs within ten seconds neither disturb nor leak.
func TestManyHangups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "checks.yaml", checksFile(canary))
	p := admit(t, dir)
	runs := p.runs("healthy")
	for range 1000 {
		p.signal(syscall.SIGHUP)
		time.Sleep(8 * time.Millisecond) // the storm itself: eight seconds, which are forty intervals
	}
	if got := p.runs("healthy") - runs; got < 20 {
		t.Errorf("the canary had %d looks during the storm", got)
	}
	p.survived(t, 100)
	if strings.Contains(p.logged(), "level=ERROR") {
		t.Errorf("the log says\n%s", p.logged())
	}
}

// Stopped for longer than any timeout, and then for a minute, each time while it
// waits for an answer, polyhealth does not blame its target, and goes on where it was.
func TestSuspended(t *testing.T) {
	t.Parallel()
	var hold atomic.Bool
	arrived := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if hold.Load() {
			arrived <- struct{}{}
			<-r.Context().Done()
		}
	}))
	defer s.Close()
	dir := t.TempDir()
	write(t, dir, "checks.yaml", checksFile(canary+
		"  target: {http: '"+s.URL+"', interval: 200ms, timeout: 3s, thresholds: {unhealthy: 1}}\n"))
	p := admit(t, dir)
	for _, pause := range []time.Duration{4 * time.Second, time.Minute} {
		hold.Store(true)
		<-arrived
		p.signal(syscall.SIGSTOP)
		hold.Store(false)
		time.Sleep(pause) // the fault itself
		p.signal(syscall.SIGCONT)
		last := time.Now()
		eventually(t, ample, "a fresh result", func() bool {
			r, _ := p.component("target")
			return r.LastCheck.After(last)
		})
	}
	if log := p.logged(); strings.Contains(log, "is unhealthy") || strings.Contains(log, "is unknown") {
		t.Errorf("the target was blamed:\n%s", log)
	}
	if n := p.metric("polyhealth_stalls_total"); n < 2 {
		t.Errorf("%d stalls were noticed, of 2", n)
	}
	p.survived(t, 100)
}

// With too few file descriptors, polyhealth blames itself, and all is well again
// once there are enough.
func TestFewFiles(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(700 * time.Millisecond): // so that many are under way at once
		}
	}))
	defer s.Close()
	dir := t.TempDir()
	var checks strings.Builder
	for i := range 100 {
		fmt.Fprintf(&checks, "  c%d: {http: '%s/%d', interval: 1s, timeout: 20s, thresholds: {unhealthy: 1}}\n", i, s.URL, i)
	}
	write(t, dir, "checks.yaml", checksFile(canary))
	p := admit(t, dir)
	limit := func(files uint64) {
		t.Helper()
		if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: files, Max: 4096}, nil); err != nil {
			t.Fatal(err)
		}
	}
	limit(64)
	p.write("checks.yaml", checksFile(canary+checks.String()))
	eventually(t, ample, "some are unknown", func() bool {
		return strings.Contains(p.logged(), "is unknown") && strings.Contains(p.logged(), "too many open files")
	})
	p.sings(t)
	if log := p.logged(); strings.Contains(log, "is unhealthy") {
		i := strings.Index(log, "is unhealthy")
		t.Errorf("a target was blamed: %s", log[max(0, i-80):min(len(log), i+300)])
	}
	limit(4096)
	eventually(t, 2*ample, "all are well again", func() bool {
		_, body := p.get("/health")
		return strings.HasPrefix(body, `{"status":"healthy"`)
	})
	p.write("checks.yaml", checksFile(canary))
	eventually(t, ample, "they leave", func() bool { _, ok := p.component("c0"); return !ok })
	p.survived(t, 200)
}
