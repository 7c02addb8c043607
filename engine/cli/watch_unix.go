package cli

import (
	"os"
	"syscall"
)

// identity is the device and inode of a file, which a rename changes even where
// time and size stay, and the time at which either was set, which nobody can set.
func identity(info os.FileInfo) any {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return [4]int64{int64(s.Dev), int64(s.Ino), s.Ctim.Sec, s.Ctim.Nsec}
	}
	return nil
}
