package systemd

import (
	"strings"
	"testing"
)

func TestParseSelector(t *testing.T) {
	for _, c := range []struct {
		written, full string
		glob          bool
		bad           string // part of the message
	}{
		{"nginx", "nginx.service", false, ""},
		{"nginx.service", "nginx.service", false, ""},
		{"backup.timer", "backup.timer", false, ""},
		{"my.app", "my.app.service", false, ""},
		{"timer", "timer.service", false, ""},
		{"home.mount", "home.mount", false, ""},
		{"-.mount", "-.mount", false, ""},
		{`dev-disk-by\x2duuid.device`, `dev-disk-by\x2duuid.device`, false, ""},
		{"getty@tty1", "getty@tty1.service", false, ""},
		{"polymarket-*", "polymarket-*.service", true, ""},
		{"polymarket-*.timer", "polymarket-*.timer", true, ""},
		{"worker@[0-9]", "worker@[0-9].service", true, ""},
		{"getty@*", "getty@*.service", true, ""},
		{`a\x2d*`, `a\x2d*.service`, true, ""},

		{"", "", false, "empty"},
		{"  ", "", false, "empty"},
		{"/home", "", false, "is a path"},
		{"a b", "", false, "is not the name of a unit"},
		{"nginx!", "", false, "is not the name of a unit"},
		{"größe", "", false, "is not the name of a unit"},
		{".service", "", false, "is not the name of a unit"},
		{"@a.service", "", false, "is not the name of a unit"},
		{"getty@", "", false, "is a template"},
		{"getty@.service", "", false, "is a template"},
		{"a[bc", "", true, "no closing bracket"},
		{strings.Repeat("a", 248), "", false, "longer than 255"},
	} {
		s, err := parseSelector(c.written)
		switch {
		case c.bad == "" && err != nil:
			t.Errorf("%q: %v", c.written, err)
		case c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad)):
			t.Errorf("%q: the error is %v, want one with %q", c.written, err, c.bad)
		case c.bad == "" && (s.full != c.full || s.glob != c.glob):
			t.Errorf("%q is %q (glob %v), want %q (glob %v)", c.written, s.full, s.glob, c.full, c.glob)
		}
	}
}

func TestNameFor(t *testing.T) {
	for _, c := range []struct{ written, id, want string }{
		{"nginx", "nginx.service", "nginx"},
		{"nginx.service", "nginx.service", "nginx.service"},
		{"dbus", "dbus-broker.service", "dbus"}, // an alias stays what the file says
		{"app-*", "app-one.service", "app-one"},
		{"app-*.service", "app-one.service", "app-one.service"},
		{"app-*.timer", "app-one.timer", "app-one.timer"},
	} {
		s, err := parseSelector(c.written)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.nameFor(c.id); got != c.want {
			t.Errorf("%s as selected by %s is named %q, want %q", c.id, c.written, got, c.want)
		}
	}
}
