package command

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A family is a program, the leader, and all processes that it begins, directly or
// not. The leader is not reaped while the family is in use, so that its number,
// which is also that of its session and group, stays its own.
type family struct {
	leader int
	began  time.Time
	mark   string   // in the environment of all
	pipes  []string // of the standard output and error, as /proc names them
}

// dieWithUs makes a program die with the thread that starts it.
func dieWithUs(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }

// awaitExit waits until the program has ended, and leaves it a zombie until the
// function that it returns is called.
func awaitExit(cmd *exec.Cmd) (reap func()) {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return func() { _ = cmd.Wait() }
		}
	}
}

// pipesOf are the names of the last two of files.
func pipesOf(files []*os.File) (names []string) {
	for _, f := range files[len(files)-2:] {
		if info, err := f.Stat(); err == nil {
			names = append(names, fmt.Sprintf("pipe:[%d]", info.Sys().(*syscall.Stat_t).Ino))
		}
	}
	return names
}

// end kills the family, again until none is left, but for limit at most. exited
// tells the leader's end.
func (f *family) end(exited <-chan struct{}, limit time.Duration) {
	deadline := time.Now().Add(limit)
	var killed []process
	for {
		members := f.freeze(deadline)
		for _, m := range members {
			m.kill()
		}
		killed = append(killed, members...)
		_ = unix.Kill(-f.leader, unix.SIGKILL)
		if len(members) > 0 && time.Now().Before(deadline) {
			continue
		}
		select {
		case <-exited:
		case <-time.After(time.Until(deadline)):
		}
		reapOrphans(killed)
		return
	}
}

// reapOrphans reaps those of the killed that became our children only when their
// parents ended, after they were killed.
func reapOrphans(killed []process) {
	for _, m := range killed {
		if now, ok := look(m.pid); ok && now.born == m.born && now.zombie {
			now.reap()
		}
	}
}

// freeze stops the family and returns all of it but the leader. While all stand
// still, none can begin another, whose parent would be unknown once this one died.
func (f *family) freeze(deadline time.Time) (members []process) {
	again := 5 // for the sake of those that cannot be told yet
	for pause := 500 * time.Microsecond; ; pause = min(2*pause, 8*time.Millisecond) {
		_ = unix.Kill(-f.leader, unix.SIGSTOP)
		var unsure, moving bool
		members, unsure = f.members()
		for _, m := range members {
			if !m.stopped {
				m.signal(unix.SIGSTOP)
				moving = true
			}
		}
		if again--; !moving && (!unsure || again < 0) || time.Now().After(deadline) {
			return members
		}
		time.Sleep(pause)
	}
}

// A process is one of the machine.
type process struct {
	pid, parent, group, session int
	born                        string // since the machine's start, in ticks
	stopped                     bool
	zombie                      bool // it has ended, and was not reaped
}

// members are the living processes of the family but the leader. It is unsure where
// another is just between two programs, and may be one of the family or not.
func (f *family) members() (found []process, unsure bool) {
	var strangers []process
	sessions, pids := map[int]bool{f.leader: true}, map[int]bool{f.leader: true}
	ours, _ := unix.Getsid(0)
	adopt := func(p process) {
		found = append(found, p)
		pids[p.pid] = true
		if p.session != ours {
			sessions[p.session] = true
		}
	}
	for _, p := range f.younger() {
		marked, between := f.marked(p.pid)
		if p.group == f.leader || marked {
			adopt(p)
		} else {
			strangers = append(strangers, p)
			unsure = unsure || between && p.parent != 2 // the kernel's threads are children of 2
		}
	}
	for grown := true; grown; {
		before := len(strangers)
		strangers = slices.DeleteFunc(strangers, func(p process) bool {
			ofUs := pids[p.parent] || sessions[p.session]
			if ofUs {
				adopt(p)
			}
			return ofUs
		})
		grown = len(strangers) < before
	}
	return found, unsure
}

// younger are the living processes that began after the leader, and maybe some
// more. Numbers are given in turn, which spares looking at most processes of a
// machine; but in a long time they may come round.
func (f *family) younger() (all []process) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	last := lastPID()
	if time.Since(f.began) > time.Second {
		last = 0
	}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == f.leader || !between(f.leader, pid, last) {
			continue
		}
		switch p, ok := look(pid); {
		case !ok:
		case !p.zombie:
			all = append(all, p)
		case p.session == f.leader:
			p.reap()
		}
	}
	return all
}

// between reports whether pid was given after first and not after last; always
// where last is 0.
func between(first, pid, last int) bool {
	switch {
	case last == 0:
		return true
	case first <= last:
		return first < pid && pid <= last
	default:
		return pid > first || pid <= last
	}
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
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, false
	}
	_, after, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	fields := strings.Fields(string(after)) // state, parent, group, session, …, and born as the 20th
	if len(fields) < 20 || fields[0] == "X" {
		return p, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(fields[i]); return n }
	state := fields[0]
	return process{pid, number(1), number(2), number(3), fields[19], state == "T" || state == "t", state == "Z"}, true
}

// marked reports whether a process bears the family's mark, or holds its pipes. One
// that is between two programs, or had its environment wiped, shows none.
func (f *family) marked(pid int) (marked, between bool) {
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if bytes.Contains(env, []byte(markName+"="+f.mark)) {
		return true, false
	}
	for fd := 1; fd <= 2; fd++ {
		if file, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); err == nil && slices.Contains(f.pipes, file) {
			return true, false
		}
	}
	return false, err == nil && len(env) == 0
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
