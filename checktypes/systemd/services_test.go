package systemd

import (
	"os/exec"
	"slices"
	"testing"
	"time"
)

// testServices sees which services run, which are enabled, and what failed.
func testServices(t *testing.T) {
	h := theSystem
	install := "\n[Install]\nWantedBy=multi-user.target\n"
	h.install(t, map[string]string{
		"l-enabled.service": "[Unit]\nDescription=a shop\n" + sleeps + install,
		"l-by-hand.service": sleeps,
		"l-stopped.service": sleeps + install,
		"l-failed.service":  "[Service]\nType=oneshot\nExecStart=/bin/false\n",
		"l-idle.timer":      "[Timer]\nOnCalendar=2099-01-01\nUnit=l-by-hand.service\n",
	})
	h.systemctl(t, "enable", "--runtime", "l-enabled", "l-stopped")
	h.systemctl(t, "start", "l-enabled", "l-by-hand", "l-idle.timer")
	_ = exec.Command("systemctl", "start", "l-failed").Run() // which fails
	found, err := Services(t.Context(), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var ours []Service
	for _, s := range found {
		if s.ID[:2] == "l-" {
			ours = append(ours, s)
		}
	}
	want := []Service{
		{ID: "l-by-hand.service", Description: "l-by-hand.service"},
		{ID: "l-enabled.service", Description: "a shop", Enabled: true},
		{ID: "l-failed.service", Description: "l-failed.service", Failed: true, Result: "exit-code"},
	}
	if !slices.Equal(ours, want) {
		t.Errorf("found %+v\nwant  %+v", ours, want)
	}
}
