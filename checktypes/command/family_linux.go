package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A family is a program, the leader, and all processes that it begins, directly or
// not. The leader is not reaped while the family is in use, so that its number,
// which is also that of its session and group, stays its own.
type family struct {
	leader int
	began  time.Time
	born   uint64   // as a process's
	mark   string   // in the environment of all
	pipes  []string // of the standard output and error, as /proc names them
	// Of the processes that were seen while the family is ended, by number and birth:
	// those that had ended but were not reaped, and those that stood still.
	dead, stopped map[process]bool
}

// dieWithUs makes a program die with the thread that starts it.
func dieWithUs(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }

// awaitExit waits until the program has ended, says how, and leaves it a zombie until
// reap is called.
func awaitExit(cmd *exec.Cmd) (status syscall.WaitStatus, reap func()) {
	var end unix.Siginfo
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, &end, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	return statusOf(&end), func() { _ = cmd.Wait() }
}

// statusOf is what wait4 would say of a child's end; see sigaction(2) for where
// siginfo_t has it: from a word's boundary on, the process, its user, and its status.
func statusOf(end *unix.Siginfo) syscall.WaitStatus {
	const exited, dumped = 1, 3 // CLD_EXITED, CLD_DUMPED; else it was killed
	const word = unsafe.Sizeof(uintptr(0))
	const at = (3*4+word-1)/word*word + 2*4
	number := *(*int32)(unsafe.Add(unsafe.Pointer(end), at))
	switch end.Code {
	case exited:
		return syscall.WaitStatus(number << 8)
	case dumped:
		return syscall.WaitStatus(number | 0x80)
	}
	return syscall.WaitStatus(number)
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
	leader, _ := look(f.leader)
	f.born = leader.born
	f.dead, f.stopped = map[process]bool{}, map[process]bool{}
	var killed []process
	for again := 0; again < mostAgain; again++ {
		_ = unix.Kill(-f.leader, unix.SIGSTOP)
		members, unsure := f.members()
		if len(members) == 0 && !unsure {
			break
		}
		still, more := f.freeze(members)
		if more {
			again = 0
		}
		late := time.Now().After(deadline)
		if still || late || again >= mostAgain-3 { // some may not be ours to stop, or wait for a disk
			killed = append(killed, members...)
			for _, m := range members {
				m.kill()
			}
		}
		if late {
			break
		}
		time.Sleep(firstPause << again)
	}
	_ = unix.Kill(-f.leader, unix.SIGKILL)
	select {
	case <-exited:
	case <-time.After(time.Until(deadline)):
	}
	reapOrphans(killed)
}

const (
	firstPause = 500 * time.Microsecond
	// mostAgain is how often it is looked again, each time after twice the pause, where
	// nothing new is found. On a busy machine there may always be one that cannot be
	// told yet.
	mostAgain = 10
)

// reapOrphans reaps those of the killed that became our children only when their
// parents ended, after they were killed.
func reapOrphans(killed []process) {
	for _, m := range killed {
		if now, ok := look(m.pid); ok && now.born == m.born && now.zombie {
			now.reap()
		}
	}
}

// freeze stops members. still reports whether all had been stopped before they were
// looked for: then they have begun none that was not found, whose parent would be
// unknown once they are dead. more reports whether there is one that is new.
func (f *family) freeze(members []process) (still, more bool) {
	still = true
	for _, m := range members {
		id := process{pid: m.pid, born: m.born}
		stopped, known := f.stopped[id]
		still, more = still && stopped, more || !known
		if f.stopped[id] = m.stopped; !m.stopped {
			m.signal(unix.SIGSTOP)
		}
	}
	return still, more
}

// members are the living processes of the family but the leader. It is unsure where
// another is just between two programs, and may be one of the family or not, and
// where one ended meanwhile, which may have begun another just before.
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
	younger, unsure := f.younger()
	for _, p := range younger {
		marked, hidden := f.marked(p.pid)
		if p.group == f.leader || marked {
			adopt(p)
		} else {
			strangers = append(strangers, p)
			unsure = unsure || hidden && p.parent != 2 // the kernel's threads are children of 2
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

// younger are the living processes that began after the leader. Numbers are given in turn, which spares looking at most processes of a
// machine; but in a long time they may come round. ended reports whether one did
// since the last call.
func (f *family) younger() (all []process, ended bool) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, false
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
			ended = true
		case p.born < f.born:
		case !p.zombie:
			all = append(all, p)
		default:
			id := process{pid: p.pid, born: p.born}
			ended = ended || !f.dead[id]
			f.dead[id] = true
			if p.session == f.leader {
				p.reap()
			}
		}
	}
	return all, ended
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

// marked reports whether a process bears the family's mark, or holds its pipes. One
// that is between two programs, or has just ended, or had its environment wiped, shows
// none.
func (f *family) marked(pid int) (marked, unsure bool) {
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if bytes.Contains(env, []byte(markName+"="+f.mark)) {
		return true, false
	}
	for fd := 1; fd <= 2; fd++ {
		if file, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); err == nil && slices.Contains(f.pipes, file) {
			return true, false
		}
	}
	gone := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
	return false, gone || err == nil && len(env) == 0 && !withoutEnvironment(pid)
}
