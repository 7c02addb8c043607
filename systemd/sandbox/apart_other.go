//go:build !linux

package sandbox

import (
	"os"
	"syscall"
)

// apart is never reached where there is no systemd.
func apart(*os.File) *syscall.SysProcAttr { return nil }
