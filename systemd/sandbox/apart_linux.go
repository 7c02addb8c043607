package sandbox

import (
	"os"
	"syscall"
)

// apart has a process start within a cgroup, as PID 1 of namespaces of its own, and
// end with this one.
func apart(group *os.File) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Setsid:       true,
		Pdeathsig:    syscall.SIGKILL,
		UseCgroupFD:  true,
		CgroupFD:     int(group.Fd()),
		Unshareflags: syscall.CLONE_NEWCGROUP, // once in the group, so that it is the root inside
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
	}
}
