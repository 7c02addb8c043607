package store

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"polyhealth/engine"

	"github.com/google/go-cmp/cmp"
)

// anAction is one that begins.
func anAction(id int64, at time.Time) engine.RecoveryAction {
	return engine.RecoveryAction{
		ID: id, Component: "trader", At: time.UnixMilli(at.UnixMilli()), Step: 2, Attempt: 3, Kind: "command", Action: "run ./fix.sh",
		Cause: "unhealthy: it hangs", ByHand: true, DryRun: true,
	}
}

// TestActions: an action is in the file, for others to read, by the time its beginning
// is kept; what is read after a restart is what was written.
func TestActions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, _ := logged(t, path)
	other, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	now := time.Now()
	old, done, begun := anAction(1, now.Add(-time.Hour)), anAction(2, now), anAction(3, now)
	ladder := engine.RecoveryLadder{Component: "trader", Tried: 2, Exhausted: time.UnixMilli(now.UnixMilli()), DryRun: true}
	for _, a := range []engine.RecoveryAction{old, done, begun} {
		kept := make(chan error, 1)
		s.BeginAction(a, engine.RecoveryLadder{Component: "trader", Tried: 9}, func(err error) {
			var n int
			if err == nil {
				err = other.QueryRow("SELECT count(*) FROM actions JOIN recovery USING (component) WHERE id = ? AND ended IS NULL AND tried = 9", a.ID).Scan(&n)
			}
			if err == nil && n != 1 {
				err = sql.ErrNoRows
			}
			kept <- err
		})
		if err := <-kept; err != nil {
			t.Fatalf("another program does not read action %d: %v", a.ID, err)
		}
	}
	done.Ended, done.Result, done.Detail = time.UnixMilli(now.UnixMilli()+5), engine.RecoveryFailed, "exit 3"
	s.EndAction(done)
	s.SaveLadder(ladder)
	closeStore(t, s)

	s, _ = logged(t, path)
	defer closeStore(t, s)
	ladders, actions, err := s.LoadRecovery(t.Context(), now.Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(ladders, []engine.RecoveryLadder{ladder}); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(actions, []engine.RecoveryAction{done, begun}); d != "" {
		t.Error(d)
	}
	newest, err := s.Actions(t.Context(), "trader", 2)
	if d := cmp.Diff(newest, []engine.RecoveryAction{begun, done}); d != "" || err != nil {
		t.Error(d, err)
	}
	if all, err := s.Actions(t.Context(), "", 9); len(all) != 3 || err != nil {
		t.Error(all, err)
	}
	if none, err := s.Actions(t.Context(), "nobody", 9); len(none) != 0 || err != nil {
		t.Error(none, err)
	}
}

// TestActionsOnADiskThatFails: who waits for an action's beginning to be kept is told
// that it will not be, and it never is; its end is kept once that can be.
func TestActionsOnADiskThatFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, _ := logged(t, path)
	defer closeStore(t, s)
	fail, mend := lockOut(t)
	kept := make(chan error, 1)
	before := anAction(1, time.Now())
	s.BeginAction(before, engine.RecoveryLadder{Component: "trader"}, func(err error) { kept <- err })
	if err := <-kept; err != nil {
		t.Fatal(err)
	}
	fail(t, path)
	for id := int64(2); id < 4; id++ { // the first finds it out, the second is told at once
		s.BeginAction(anAction(id, time.Now()), engine.RecoveryLadder{Component: "trader"}, func(err error) { kept <- err })
		if err := <-kept; err == nil {
			t.Fatal("what cannot be written is said to be kept")
		}
	}
	before.Ended, before.Result = time.UnixMilli(time.Now().UnixMilli()), engine.RecoveryDone
	s.EndAction(before)
	mend(t, path)
	eventually(t, "all is written", func() bool {
		all, err := s.Actions(t.Context(), "", 9)
		return err == nil && len(all) == 1 && all[0].Result == engine.RecoveryDone
	})
}
