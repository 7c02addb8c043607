package cli

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKilledWhileWriting kills a daemon that has a lot to write, again and again.
// Each time it comes up again, its database is whole, and no streak goes back
// behind what /health said a second before the kill.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	const checks, kills = 200, 20
	var file strings.Builder
	file.WriteString("server: {listen: '127.0.0.1:0'}\ndefaults: {interval: 1s, timeout: 10s}\nchecks:\n")
	for i := range checks {
		fmt.Fprintf(&file, "  c%d: {http: 'http://127.0.0.1:1/'}\n", i) // refused, which costs next to nothing
	}
	dir := t.TempDir()
	write(t, dir, "checks.yaml", file.String())
	floor := map[string]row{} // what each component must have reached
	r := rand.New(rand.NewPCG(7, 11))
	for life := range kills {
		p := start(t, dir)
		p.atLeast(t, floor, life)
		if life%2 == 0 { // soon after the start, or in full swing
			time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
		} else {
			said := p.secondAgo(r.IntN(int(time.Second / glance)))
			p.wrote(t, said)
			for _, r := range said {
				floor[r.Name] = r
			}
		}
		p.kill()
		whole(t, filepath.Join(dir, "polyhealth.db"))
	}
	p := start(t, dir)
	p.atLeast(t, floor, kills)
	if len(floor) != checks || floor["c0"].Failures < 5 {
		t.Errorf("little was seen: %d components, %d failures", len(floor), floor["c0"].Failures)
	}
}

// secondAgo waits for a second and some more looks, and returns what /health said
// a second before.
func (p *process) secondAgo(more int) (all []row) {
	const second = int(time.Second / glance)
	var said []string
	for range second + more {
		_, body := p.get("/health")
		said = append(said, body)
		time.Sleep(glance)
	}
	return p.rows(said[more])
}

// starved is how late a daemon may start a probe that gets the processor when it
// wants it.
const starved = 0.1 // seconds

// wrote looks whether what /health said a second ago is in the database, unless the
// daemon has not had the processor for it; then it has until it has.
func (p *process) wrote(t *testing.T, said []row) {
	t.Helper()
	db := readable(t, filepath.Join(p.dir, "polyhealth.db"))
	defer db.Close()
	newest := time.Time{}
	for _, r := range said {
		if r.LastCheck != nil && r.LastCheck.After(newest) {
			newest = *r.LastCheck
		}
	}
	var last sql.NullInt64
	if err := db.QueryRow("SELECT max(last) FROM history").Scan(&last); err != nil {
		t.Error(err)
	}
	late := p.value("polyhealth_schedule_lateness_max_seconds")
	if lacks := newest.UnixMilli() - last.Int64; lacks > 0 && late < starved {
		t.Errorf("what was said a second ago is not in the database, which is %d ms behind it", lacks)
	}
	eventually(t, ample, "the table holds what was said", func() bool {
		for _, r := range said {
			var failures int
			if err := db.QueryRow("SELECT consecutive_failures FROM service_health WHERE service_name = ?", r.Name).Scan(&failures); err != nil || failures < r.Failures {
				return false
			}
		}
		return true
	})
}

// atLeast compares a daemon that has just started with the floor.
func (p *process) atLeast(t *testing.T, floor map[string]row, life int) {
	t.Helper()
	_, body := p.get("/health")
	wrong := 0
	for _, r := range p.rows(body) {
		was := floor[r.Name]
		if back := r.Failures < was.Failures || was.Failures >= 3 && r.Status != was.Status; back {
			wrong++
			if wrong < 4 {
				t.Errorf("life %d: %s was %s after %d failures, and is %s after %d", life, r.Name, was.Status, was.Failures, r.Status, r.Failures)
			}
		}
	}
	if wrong > 3 {
		t.Errorf("life %d: %d components went back", life, wrong)
	}
}

// whole looks a database over that a kill has left behind.
func whole(t *testing.T, path string) {
	t.Helper()
	db := readable(t, path)
	defer db.Close()
	var says string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&says); says != "ok" {
		t.Errorf("the database is %s (%v)", says, err)
	}
}

// readable opens a database to read, as another program would.
func readable(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	return db
}
