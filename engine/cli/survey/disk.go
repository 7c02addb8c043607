package survey

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Mount is a file system that can fill up.
type Mount struct {
	Path string
	Type string // such as ext4
}

// filling are the kinds of file systems that are on disks and are written to.
var filling = []string{"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs", "overlay"}

// Mounts are those of this machine, each device once, and / among them.
func Mounts(proc string) []Mount {
	text, err := os.ReadFile(filepath.Join(proc, "self", "mounts"))
	if err != nil {
		return []Mount{{Path: "/"}}
	}
	devices, all := map[string]bool{}, []Mount{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !slices.Contains(filling, fields[2]) {
			continue
		}
		path := unescape(fields[1])
		skip := devices[fields[0]] || strings.HasPrefix(fields[3]+",", "ro,") || fields[2] == "overlay" && path != "/"
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			skip = true // a container's /etc/hosts
		}
		if skip || path == "/boot" || strings.HasPrefix(path, "/boot/") {
			continue // a boot partition is full or it is not
		}
		devices[fields[0]] = true
		all = append(all, Mount{path, fields[2]})
	}
	if !slices.ContainsFunc(all, func(m Mount) bool { return m.Path == "/" }) {
		all = append([]Mount{{Path: "/"}}, all...)
	}
	return all
}

// unescape reads a path in which blanks are written as \040.
func unescape(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '\\' && i+3 < len(path) {
			if n, err := strconv.ParseUint(path[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}
