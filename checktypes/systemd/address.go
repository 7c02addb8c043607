package systemd

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// The scopes, as the file names them.
const (
	system = "system"
	user   = "user"
)

// An address is a socket behind which systemd may be found.
type address struct {
	socket string // a path, or an abstract name that begins with @
	direct bool   // systemd's own, with no bus between
}

// addresses are where to look for a scope's systemd, best first. An address that
// the environment gives for the system bus is the only one; systemd's own socket is
// there for its owner even where no D-Bus runs.
func addresses(scope string, uid int, getenv func(string) string) []address {
	if scope == system {
		if given := parseAddresses(getenv("DBUS_SYSTEM_BUS_ADDRESS")); len(given) > 0 {
			return given
		}
		all := []address{{socket: "/run/dbus/system_bus_socket"}}
		if uid == 0 {
			all = append(all, address{"/run/systemd/private", true})
		}
		return all
	}
	run := orElse(getenv("XDG_RUNTIME_DIR"), "/run/user/"+strconv.Itoa(uid))
	all := parseAddresses(getenv("DBUS_SESSION_BUS_ADDRESS")) // may be a bus without systemd
	if bus := (address{socket: filepath.Join(run, "bus")}); len(all) == 0 || all[0] != bus {
		all = append(all, bus)
	}
	return append(all, address{filepath.Join(run, "systemd/private"), true})
}

// parseAddresses reads D-Bus addresses, such as unix:path=/run/user/1000/bus;…
// Only sockets of this machine are of use: what does not name one is left out.
func parseAddresses(list string) (found []address) {
	for one := range strings.SplitSeq(list, ";") {
		keys, ok := strings.CutPrefix(one, "unix:")
		if !ok {
			continue
		}
		for pair := range strings.SplitSeq(keys, ",") {
			key, value, _ := strings.Cut(pair, "=")
			value, err := dbus.UnescapeBusAddressValue(value)
			switch {
			case err != nil || value == "":
			case key == "path":
				found = append(found, address{socket: value})
			case key == "abstract":
				found = append(found, address{socket: "@" + value})
			}
		}
	}
	return found
}
