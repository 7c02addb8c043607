package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"polyhealth/checktypes"
	"polyhealth/checktypes/jsonvalue"
)

// How long a probe waits after the program has ended, or the deadline has passed.
const (
	// settling is for output that processes begun by the program still write, such
	// as the tee of a shell's >(tee log).
	settling = 100 * time.Millisecond
	// dying is how long a probe waits for killed processes to be gone, and chasing
	// how long they are looked for after.
	dying   = 150 * time.Millisecond
	chasing = 10 * time.Second
)

// A prober runs one check's program.
type prober struct {
	config Config
	dir    string
	after  time.Duration // the probe's deadline
	reads  func(string) bool
}

func open(c Config, env checktypes.Env) (checktypes.Prober[Vars], error) {
	return &prober{config: c, dir: env.Dir, after: env.Timeout, reads: env.Reads}, nil
}

// Close implements checktypes.Prober. Nothing outlives a Probe.
func (p *prober) Close() error { return nil }

// Probe implements checktypes.Prober.
func (p *prober) Probe(ctx context.Context, v *Vars) error {
	if ctx.Err() != nil {
		return p.ended(ctx, "before the command was started")
	}
	cmd, err := p.program()
	if err != nil {
		return err
	}
	j, err := start(cmd, p.config.Stdin, int(p.config.MaxOutput))
	if err != nil {
		return p.cannotStart(cmd.Path, err)
	}
	inTime := j.finish(ctx)
	v.Stdout, v.Stderr = j.stdout.text(), j.stderr.text()
	v.Truncated = j.stdout.truncated || j.stderr.truncated
	if !inTime {
		return p.ended(ctx, "running "+p.name())
	}
	v.ExitCode, v.Signal = exit(j.status)
	return p.interpret(j.stdout, v)
}

// name is what messages call the program.
func (p *prober) name() string {
	if p.config.Shell != "" {
		return "the command"
	}
	return filepath.Base(p.config.Argv[0])
}

// cannotStart words an error of start. It is polyhealth's own fault.
func (p *prober) cannotStart(path string, err error) error {
	var errno syscall.Errno
	as := ""
	if p.config.User != "" {
		as = " as " + p.config.User
	}
	text := fmt.Sprintf("cannot run %s%s: ", path, as)
	switch {
	case !asErrno(err, &errno):
		text += err.Error()
	case errno == syscall.EPERM && as != "":
		text += "only root may run a program as another user"
	case errno == syscall.ENOENT:
		text += "its interpreter is missing"
	default:
		text += errno.Error()
	}
	return checktypes.OwnFault(errors.New(text))
}

// ended is the error of a probe whose deadline has passed, or that was cancelled.
func (p *prober) ended(ctx context.Context, doing string) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("cancelled " + doing)
	}
	return checktypes.Timeout(p.after, doing)
}

// exit is how a program ended: its code, and the signal that killed it.
func exit(status syscall.WaitStatus) (code int, signal string) {
	if !status.Signaled() {
		return status.ExitStatus(), ""
	}
	number := status.Signal()
	if signal = unix.SignalName(number); signal == "" {
		signal = fmt.Sprintf("SIG%d", number)
	}
	return 128 + int(number), signal
}

// interpret fills in what the format makes of standard output.
func (p *prober) interpret(stdout *capture, v *Vars) error {
	switch {
	case p.config.Format == "nagios":
		_, perfdata := splitPlugin(v.Stdout)
		v.Perfdata = parsePerfdata(perfdata)
	case p.config.Format == "json" && stdout.truncated:
		return fmt.Errorf("stdout is longer than %d bytes (max_output)%s", p.config.MaxOutput, failure(v))
	case p.config.Format == "json":
		value, err := jsonvalue.Parse(stdout.kept)
		if err != nil {
			return fmt.Errorf("stdout is not JSON: %w%s", err, failure(v))
		}
		v.JSON = value
	case p.reads("json") && !stdout.truncated:
		v.JSON, _ = jsonvalue.Parse(stdout.kept)
	}
	return nil
}

// failure is what to add to a message where the program did not even end well.
func failure(v *Vars) string {
	line := firstLine(v.Stderr)
	if line != "" {
		line = ": " + line
	}
	switch {
	case v.Signal != "":
		return "; killed by " + v.Signal
	case v.ExitCode != 0:
		return fmt.Sprintf("; exit %d%s", v.ExitCode, line)
	}
	return ""
}
