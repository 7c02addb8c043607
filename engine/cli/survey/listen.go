package survey

import (
	"cmp"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Listener is a port that a program listens on for TCP.
type Listener struct {
	Port    int
	Address netip.Addr // to connect to from this machine
	Public  bool       // others than this machine may connect
	Program string     // its name, empty where it cannot be told
	Answer  Answer     // to HTTP, where it was asked
}

// listening is the state of such a socket, in /proc/net/tcp.
const listening = "0A"

// Listeners are those of this machine, by port. proc is where proc(5) is mounted.
func Listeners(proc string) []Listener {
	byPort, inodes := map[int]*Listener{}, map[string][]*Listener{}
	for _, file := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(filepath.Join(proc, "net", file))
		if err != nil {
			continue // there may be no IPv6
		}
		for line := range strings.Lines(string(text)) {
			l, inode, ok := parseListener(line)
			if !ok {
				continue
			}
			if first := byPort[l.Port]; first == nil {
				byPort[l.Port] = &l
			} else {
				first.merge(l)
			}
			inodes[inode] = append(inodes[inode], byPort[l.Port])
		}
	}
	nameOwners(proc, inodes)
	var all []Listener
	for _, l := range byPort {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b Listener) int { return cmp.Compare(a.Port, b.Port) })
	return all
}

// merge is for a port with sockets of several addresses: one of this machine alone
// is the best to connect to.
func (l *Listener) merge(other Listener) {
	l.Public = l.Public || other.Public
	if !l.Address.IsLoopback() || other.Address.Is4() && other.Address.IsLoopback() {
		l.Address = other.Address
	}
}

// parseListener reads a line of /proc/net/tcp or tcp6.
func parseListener(line string) (l Listener, inode string, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 10 || fields[3] != listening {
		return l, "", false
	}
	address, port, _ := strings.Cut(fields[1], ":")
	n, err := strconv.ParseUint(port, 16, 16)
	addr, found := parseAddress(address)
	if err != nil || !found || n == 0 {
		return l, "", false
	}
	l = Listener{Port: int(n), Address: addr, Public: !addr.IsLoopback()}
	if addr.IsUnspecified() {
		l.Address = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return l, fields[9], true
}

// parseAddress reads an address in hexadecimal, in words of four bytes, each the
// wrong way round.
func parseAddress(text string) (netip.Addr, bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b)%4 != 0 {
		return netip.Addr{}, false
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	addr, ok := netip.AddrFromSlice(b)
	return addr.Unmap(), ok
}

// nameOwners finds the programs that hold sockets, by the sockets' inodes. Those of
// other users only root can tell.
func nameOwners(proc string, inodes map[string][]*Listener) {
	fds, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err != nil {
			continue
		}
		inode, isSocket := strings.CutPrefix(target, "socket:[")
		for _, l := range inodes[strings.TrimSuffix(inode, "]")] {
			if isSocket && l.Program == "" {
				name, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(fd)), "comm"))
				l.Program = strings.TrimSpace(string(name))
			}
		}
	}
}
