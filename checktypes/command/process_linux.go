package command

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A process is one of the machine.
type process struct {
	pid, parent, group, session int
	born                        uint64 // since the machine's start, in ticks
	stopped                     bool
	zombie                      bool // it has ended, and was not reaped
}

// lastPID is the number that was given last, or 0.
func lastPID() int {
	load, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(load))
	if len(fields) == 0 {
		return 0
	}
	pid, _ := strconv.Atoi(fields[len(fields)-1])
	return pid
}

// look reads what /proc says of a process; ok is false where there is none.
func look(pid int) (p process, ok bool) {
	fields := stat(pid) // state, parent, group, session, …, and born as the 20th
	if len(fields) < 20 || fields[0] == "X" {
		return p, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(fields[i]); return n }
	born, _ := strconv.ParseUint(fields[19], 10, 64)
	state := fields[0]
	return process{pid, number(1), number(2), number(3), born, state == "T" || state == "t", state == "Z"}, true
}

// stat is /proc/PID/stat from the state on, which is its third field; see
// proc_pid_stat(5).
func stat(pid int) []string {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	_, after, _ := bytes.Cut(all[bytes.LastIndexByte(all, ')')+1:], []byte(" "))
	return strings.Fields(string(after))
}

// withoutEnvironment reports whether a process runs a program that was given no
// environment, as opposed to one that is just given its own.
func withoutEnvironment(pid int) bool {
	const start, end = 47, 48 // of the environment's place in memory
	fields := stat(pid)
	return len(fields) > end && fields[start] == fields[end] && fields[end] != "0"
}

// kill kills a process, and reaps it where it is ours to reap.
func (p process) kill() {
	if now, ok := p.signal(unix.SIGKILL); ok {
		now.reap()
	}
}

// signal signals a process, if it is still the one that was looked at, and looks at
// it again.
func (p process) signal(signal unix.Signal) (now process, ok bool) {
	handle, err := os.FindProcess(p.pid) // by pidfd, where the kernel has them
	if err != nil {
		return now, false
	}
	defer handle.Release()
	now, ok = look(p.pid)
	if !ok || now.born != p.born {
		return now, false
	}
	_ = handle.Signal(signal)
	return now, true
}

// reap reaps a process of the family that became our child, because its parent
// ended and we are to orphans what process 1 is: nobody else waits for it.
func (p process) reap() {
	if p.parent != os.Getpid() {
		return
	}
	for range 50 {
		if pid, err := unix.Wait4(p.pid, nil, unix.WNOHANG, nil); pid != 0 || err != nil && err != unix.EINTR {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
