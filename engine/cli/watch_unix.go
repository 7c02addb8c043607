package cli

import (
	"os"
	"syscall"
)

// identity is the device and inode of a file, which a rename changes even where
// time and size stay.
func identity(info os.FileInfo) any {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return [2]uint64{uint64(s.Dev), s.Ino}
	}
	return nil
}
