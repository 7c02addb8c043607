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
		fmt.Fprintf(&file, "  c%d: {sql: {driver: sqlite, dsn: ':memory:', query: SELECT 1}, rules: {unhealthy: value == 1}}\n", i)
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
			keep(floor, p.secondAgo(r.IntN(int(time.Second/glance))))
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
// a second before. A second is counted in looks, for the store is as busy as the
// rest of the machine.
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

// keep raises the floor to what was said.
func keep(floor map[string]row, said []row) {
	for _, r := range said {
		floor[r.Name] = r
	}
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
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var says string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&says); says != "ok" {
		t.Errorf("the database is %s (%v)", says, err)
	}
}
