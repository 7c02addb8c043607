// Package command runs a program for each alert.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"polyhealth/engine/alert"
	"polyhealth/engine/alert/httppost"
	"polyhealth/schema"
)

// Kind is the command notifier.
var Kind = alert.Define(alert.Definition[Config]{
	Name:  "command",
	Doc:   "Runs a program for each alert, which finds it in its environment.",
	Short: "argv",
	Check: func(c *Config, n *schema.Node, r *schema.Reader) {
		if len(c.Argv) > 0 && c.Argv[0] == "" {
			r.Errorf(n.Near("argv"), "write argv: [program, argument, …]", "argv names no program")
		}
		for _, arg := range c.Argv {
			if strings.ContainsRune(arg, 0) {
				r.Errorf(n.Near("argv"), "", "argv holds a zero byte")
			}
		}
	},
	Open: func(c Config, env alert.Env) (alert.Notifier, error) { return &notifier{c.Argv, env.Dir}, nil },
})

// Config is what the command key holds.
type Config struct {
	// The program and its arguments; no shell is involved. A program named with a
	// slash is relative to this file. It finds the alert in POLYHEALTH_EVENT
	// (firing, reminder or resolved), _CHECK, _STATUS, _PREVIOUS_STATUS, _MESSAGE,
	// _FAILURES, _SINCE, _TIME, _TAGS, _METADATA, _ROUTE, _ID, _TITLE and _TEXT. It
	// has 30s, and is run again where it fails.
	Argv []string `yaml:"argv,required" example:"[/usr/local/bin/siren, --loud]"`
}

type notifier struct {
	argv []string
	dir  string
}

// cleanUp is how long output may still come once the program has ended.
const cleanUp = 500 * time.Millisecond

// Send runs the program. Nothing of the alert is in its arguments, which every
// user of the machine can read.
func (c *notifier) Send(ctx context.Context, m alert.Message) alert.Outcome {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(environment(), variables(m)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = cleanUp
	out := &tail{}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return alert.Sent()
	case ctx.Err() != nil:
		return alert.Retry(errors.New("the program did not end in time"), 0)
	case errors.As(err, &exit):
		return alert.Retry(said(fmt.Errorf("the program failed: %w", err), out), 0)
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM), errors.Is(err, syscall.EMFILE):
		return alert.Retry(err, 0)
	}
	return alert.Permanent(fmt.Errorf("the program cannot be run: %w", err))
}

func said(err error, out *tail) error {
	if text := httppost.Brief(string(out.last)); text != "" {
		return fmt.Errorf("%w: %s", err, text)
	}
	return err
}

// environment is ours without what systemd means for us alone.
func environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		switch name {
		case "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES":
		default:
			env = append(env, entry)
		}
	}
	return env
}

// maxVariable bounds a variable: the kernel refuses larger ones, and with them
// the whole command.
const maxVariable = 100_000

func variables(m alert.Message) []string {
	var env []string
	add := func(name, value string) {
		value = strings.ReplaceAll(value, "\x00", "")
		if len(value) > maxVariable {
			value = strings.ToValidUTF8(value[:maxVariable], "")
		}
		env = append(env, "POLYHEALTH_"+name+"="+value)
	}
	since, metadata := "", "{}"
	if !m.Since.IsZero() {
		since = m.Since.UTC().Format(time.RFC3339)
	}
	if m.Metadata != nil && len(m.Metadata) <= maxVariable {
		metadata = string(m.Metadata)
	}
	add("EVENT", string(m.Event))
	add("ID", m.ID)
	add("ROUTE", m.Route)
	add("CHECK", m.Check)
	add("STATUS", m.Status.String())
	add("PREVIOUS_STATUS", m.Previous.String())
	add("MESSAGE", m.Message)
	add("FAILURES", strconv.Itoa(m.Failures))
	add("SINCE", since)
	add("TIME", m.Time.UTC().Format(time.RFC3339))
	add("TAGS", strings.Join(m.Tags, ","))
	add("METADATA", metadata)
	add("TITLE", m.Title())
	add("TEXT", m.Text())
	return env
}

// tail keeps the last few hundred bytes that were written to it.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	const keep = 1000
	t.last = append(t.last, p[max(0, len(p)-keep):]...)
	t.last = t.last[max(0, len(t.last)-keep):]
	return len(p), nil
}

//go:generate go run polyhealth/schema/fielddocs
