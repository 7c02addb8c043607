package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var kills = flag.Int("kills", 25, "how often TestAlertsOverKills kills the daemon")

// A sink takes alerts as a webhook, and now and then dies before it answers.
type sink struct {
	mu   sync.Mutex
	r    *rand.Rand
	seen map[string]bool // ids
	// told is what was told of each check, in order, each thing once.
	told   map[string][]heard
	twice  int // things that were told again
	asked  int // requests
	broken []string
}

// heard is one thing that was told.
type heard struct{ Event, ID, Check, Status string }

func (k *sink) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var m struct {
		heard
		Alerts []heard
	}
	if json.NewDecoder(r.Body).Decode(&m) != nil {
		return // it was killed as it sent this
	}
	k.mu.Lock()
	k.asked++
	die := k.r.IntN(10) == 0
	if r.Header.Get("Idempotency-Key") != m.ID {
		k.broken = append(k.broken, fmt.Sprint(m))
	}
	if m.Alerts == nil {
		m.Alerts = []heard{m.heard}
	}
	for _, one := range m.Alerts {
		if k.seen[one.ID] {
			k.twice++
			continue
		}
		k.seen[one.ID] = true
		k.told[one.Check] = append(k.told[one.Check], one)
	}
	k.mu.Unlock()
	if die {
		panic(http.ErrAbortHandler)
	}
}

// state is what the sink knows of a check after all that it was told, by the grammar
// that alerts obey: a firing is followed by its resolved, a flapping by its stable. A
// resolved may also come alone: of a firing that a kill met between its record and its
// sending, of which nobody can know whether it arrived.
func (k *sink) state(t *testing.T, check string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	state := "fine"
	for i, h := range k.told[check] {
		next := map[string]string{
			"fine firing": "firing", "fine flapping": "flapping", "firing resolved": "fine", "firing flapping": "flapping",
			"flapping stable": "firing", "fine resolved": "fine", "fine stable": "fine",
		}[state+" "+h.Event]
		if next == "" {
			t.Fatalf("%s: after %q comes %q: %v", check, state, h.Event, k.told[check][:i+1])
		}
		if h.Event == "stable" && h.Status == "healthy" {
			next = "fine"
		}
		state = next
	}
	return state
}

// TestAlertsOverKills kills a daemon at random moments while its components come and go,
// and its receiver dies at times before it answers. In the end the receiver knows what
// is true; no firing was left without its end, and nothing was told twice but for what was
// on its way.
func TestAlertsOverKills(t *testing.T) {
	t.Parallel()
	const checks = 12
	r := rand.New(rand.NewPCG(3, 5))
	k := &sink{r: rand.New(rand.NewPCG(7, 9)), seen: map[string]bool{}, told: map[string][]heard{}}
	server := httptest.NewServer(k)
	defer server.Close()
	dir := t.TempDir()
	var file strings.Builder
	fmt.Fprintf(&file, `
server: {listen: 127.0.0.1:0}
defaults: {interval: 300ms, timeout: 10s, routes: [ops], thresholds: {unhealthy: 2}}
routes:
  ops: {webhook: "%s/", cooldown: 1s, repeat_interval: never}
checks:
`, server.URL)
	for i := range checks {
		fmt.Fprintf(&file, "  c%d: {command: [test, '!', -e, down%d]}\n", i, i)
	}
	write(t, dir, "checks.yaml", file.String())
	toggle := func(i int, down bool) {
		path := filepath.Join(dir, fmt.Sprint("down", i))
		if down {
			write(t, dir, fmt.Sprint("down", i), "")
		} else if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	for range *kills {
		p := start(t, dir)
		for range r.IntN(4) {
			toggle(r.IntN(checks), r.IntN(2) == 0)
			time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
		}
		p.kill()
	}
	for i := range checks {
		toggle(i, i == 0) // one stays down
	}
	start(t, dir)
	for i := range checks {
		want := "fine"
		if i == 0 {
			want = "firing"
		}
		eventually(t, ample, fmt.Sprintf("c%d is known to be %s", i, want), func() bool {
			return k.state(t, fmt.Sprint("c", i)) == want
		})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	fired := 0
	for _, all := range k.told {
		fired += len(all)
	}
	t.Logf("%d things were told in %d requests, %d again", fired, k.asked, k.twice)
	if fired < *kills/4 || len(k.broken) > 0 {
		t.Errorf("%d things were told; not understood: %q", fired, k.broken)
	}
}
