//go:build unix && !linux

package command

import (
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A family is a program, the leader, and the processes of its group. Who leaves the
// group is not found here.
type family struct {
	leader int
	began  time.Time
	mark   string
	pipes  []string
}

func dieWithUs(*syscall.SysProcAttr) {}

// awaitExit waits until the program has ended, and says how.
func awaitExit(cmd *exec.Cmd) (status syscall.WaitStatus, reap func()) {
	_ = cmd.Wait()
	return cmd.ProcessState.Sys().(syscall.WaitStatus), func() {}
}

func pipesOf([]*os.File) []string { return nil }

// end kills the family, and waits for the leader's end, for limit at most.
func (f *family) end(exited <-chan struct{}, limit time.Duration) {
	_ = unix.Kill(-f.leader, unix.SIGKILL)
	select {
	case <-exited:
	case <-time.After(limit):
	}
}
