package store

import (
	"path/filepath"
	"testing"
	"time"

	"polyhealth/engine"
)

// TestSilences: one that was saved is there after a kill, one that was forgotten is not.
func TestSilences(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, _ := logged(t, path)
	start := time.Now().UTC().Truncate(time.Second)
	for i, id := range []string{"b", "a", "c"} {
		one := engine.Silence{ID: id, Checks: []string{"x"}, Author: "eve", Created: start.Add(time.Duration(i) * time.Second), Expires: start.Add(time.Hour)}
		if err := s.SaveSilence(one); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.ForgetSilence("a"); err != nil {
		t.Fatal(err)
	}
	all, err := s.LoadSilences()
	if err != nil || len(all) != 2 || all[0].ID != "b" || all[1].ID != "c" || all[1].Author != "eve" || !all[1].Expires.Equal(start.Add(time.Hour)) {
		t.Errorf("there are %+v, %v", all, err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSilence(all[0]); err == nil {
		t.Error("a closed database took one")
	}
}
