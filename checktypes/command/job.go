package command

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A job is a program that runs, and what to know to end all that it begins.
type job struct {
	family
	stdout, stderr *capture
	stopFeeding    func()

	exited chan struct{} // closed when the program has ended
	status syscall.WaitStatus
	reap   func() // to be called after, once: gives its number back
}

// start starts a program with pipes for its input and output. The job must be
// finished. Of the output no more than keep bytes each are kept.
func start(cmd *exec.Cmd, stdin string, keep int) (j *job, err error) {
	j = &job{family: family{mark: rand.Text()}, exited: make(chan struct{}), stopFeeding: func() {}}
	theirs, err := j.connect(cmd, stdin, keep)
	if err == nil {
		j.pipes = pipesOf(theirs)
		cmd.Env = append(cmd.Env, markName+"="+j.mark)
		err = j.run(cmd)
	}
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		j.disconnect()
		return nil, err
	}
	return j, nil
}

// connect makes the pipes. It returns the ends that are the program's, standard
// output and error last, also where it fails.
func (j *job) connect(cmd *exec.Cmd, stdin string, keep int) (theirs []*os.File, err error) {
	if stdin != "" {
		r, stop, err := feed(stdin)
		if err != nil {
			return nil, err
		}
		cmd.Stdin, j.stopFeeding, theirs = r, stop, append(theirs, r)
	}
	for _, c := range []**capture{&j.stdout, &j.stderr} {
		capture, w, err := newCapture(keep)
		if err != nil {
			return theirs, err
		}
		*c, theirs = capture, append(theirs, w)
	}
	cmd.Stdout, cmd.Stderr = theirs[len(theirs)-2], theirs[len(theirs)-1]
	if who := cmd.SysProcAttr.Credential; who != nil {
		for _, f := range theirs {
			_ = f.Chown(int(who.Uid), int(who.Gid)) // so that it can open /dev/stdout
		}
	}
	return theirs, nil
}

// disconnect ends what feeds and reads the pipes. The captures are then complete.
func (j *job) disconnect() {
	j.stopFeeding()
	for _, c := range []*capture{j.stdout, j.stderr} {
		if c != nil {
			c.close()
		}
	}
}

// markName is the environment variable that all have whom a command began.
const markName = "POLYHEALTH_PROBE"

// run starts the program and waits for its end, both in one thread that does
// nothing else: on Linux the program dies with this thread, and so with the daemon.
func (j *job) run(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			j.leader, j.began = cmd.Process.Pid, time.Now()
		}
		started <- err
		if err == nil {
			j.status, j.reap = awaitExit(cmd)
			close(j.exited)
		}
	}()
	return <-started
}

// finish waits until the program ends, or until ctx does, which makes it return
// false; then it kills whatever the program has begun and left, and the program too.
// After it the captures are complete, and nothing is open. What takes longer to die
// than a probe may wait, on a machine that is busy or a disk that hangs, dies after.
func (j *job) finish(ctx context.Context) (inTime bool) {
	select {
	case <-j.exited:
		inTime = true
		j.settle(ctx)
	case <-ctx.Done():
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		j.end(j.exited, chasing)
		<-j.exited
		j.reap()
	}()
	select {
	case <-ended:
	case <-time.After(dying):
	}
	select {
	case <-j.exited:
	default:
		inTime = false
	}
	j.disconnect()
	return inTime
}

// settle gives what writes to the pipes still a moment to end by itself.
func (j *job) settle(ctx context.Context) {
	enough := time.NewTimer(settling)
	defer enough.Stop()
	for _, c := range []*capture{j.stdout, j.stderr} {
		select {
		case <-c.done:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func asErrno(err error, errno *syscall.Errno) bool { return errors.As(err, errno) }
