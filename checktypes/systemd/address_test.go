package systemd

import (
	"slices"
	"testing"
)

func TestAddresses(t *testing.T) {
	bus, private := address{socket: "/run/dbus/system_bus_socket"}, address{"/run/systemd/private", true}
	for _, c := range []struct {
		name, scope string
		uid         int
		env         map[string]string
		want        []address
	}{
		{"system, root", system, 0, nil, []address{bus, private}},
		{"system, others", system, 1000, nil, []address{bus}},
		{"system, given", system, 0, map[string]string{"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/a%20b;tcp:host=x;unix:abstract=c,guid=1"},
			[]address{{socket: "/a b"}, {socket: "@c"}}},
		{"system, unusable given", system, 1000, map[string]string{"DBUS_SYSTEM_BUS_ADDRESS": "unixexec:path=/bin/sh"}, []address{bus}},
		{"user, nothing set", user, 1000, nil, []address{{socket: "/run/user/1000/bus"}, {"/run/user/1000/systemd/private", true}}},
		{"user, runtime folder", user, 1000, map[string]string{"XDG_RUNTIME_DIR": "/x"}, []address{{socket: "/x/bus"}, {"/x/systemd/private", true}}},
		{"user, as a session sets it", user, 1000,
			map[string]string{"XDG_RUNTIME_DIR": "/run/user/1000", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"},
			[]address{{socket: "/run/user/1000/bus"}, {"/run/user/1000/systemd/private", true}}},
		{"user, another bus", user, 1000, map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:abstract=/tmp/dbus-1,guid=2"},
			[]address{{socket: "@/tmp/dbus-1"}, {socket: "/run/user/1000/bus"}, {"/run/user/1000/systemd/private", true}}},
	} {
		got := addresses(c.scope, c.uid, func(name string) string { return c.env[name] })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
