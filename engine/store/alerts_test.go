package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"polyhealth/engine"
)

// TestAlerts: what became of alerts is there after a restart, newest first, until it is
// too old.
func TestAlerts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.db")
	s, _ := logged(t, path)
	start := time.Now().Truncate(time.Millisecond)
	record := func(i int) engine.AlertRecord {
		return engine.AlertRecord{
			At: start.Add(time.Duration(i-100) * time.Hour), Component: []string{"a", "b"}[i%2], Route: "ops", Notifier: "email",
			Event: "firing", Status: engine.Unhealthy, Outcome: engine.AlertFailed, Attempts: i, Note: "no route to host", ID: "x",
		}
	}
	for i := range 100 {
		s.RecordAlert(record(i))
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, _ = logged(t, path)
	defer s.Close(t.Context())
	for _, c := range []struct {
		name  string
		limit int
		want  []int
	}{
		{"", 3, []int{99, 98, 97}},
		{"a", 2, []int{98, 96}},
		{"nobody", 10, nil},
	} {
		got, err := s.Alerts(t.Context(), c.name, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		var want []engine.AlertRecord
		for _, i := range c.want {
			want = append(want, record(i))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("of %q there are %v, want %v", c.name, got, want)
		}
	}
	s.SetRetention(50 * time.Hour)
	if _, err := s.tidy(start.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Alerts(t.Context(), "", 1000); len(got) != 49 || got[48].Attempts != 51 {
		t.Errorf("%d are kept", len(got))
	}
}
