// Package act does what the steps of a recovery say: it restarts a unit, runs a program,
// or calls a URL.
package act

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes/systemd"
	"polyhealth/engine"
	"polyhealth/engine/recovery"
)

// A Doer does the steps of any recovery.
type Doer struct{ client *http.Client }

// New returns a Doer. What it sends says which version of polyhealth it is from.
func New() *Doer { return &Doer{client()} }

// Ready implements recovery.Doer: a unit that is starting by itself is left alone.
func (d *Doer) Ready(ctx context.Context, s engine.RecoveryStep) (why string) {
	if s.Unit == "" {
		return ""
	}
	how, err := systemd.Starting(ctx, s.Scope, s.Unit)
	if err != nil {
		return err.Error()
	}
	return how
}

// Do implements recovery.Doer.
func (d *Doer) Do(ctx context.Context, s engine.RecoveryStep, of recovery.Occasion) (engine.RecoveryResult, string) {
	switch {
	case s.Unit != "":
		return d.restart(ctx, s)
	case s.URL != "":
		return d.call(ctx, s, of)
	}
	return d.run(ctx, s, of)
}

// restart restarts a unit. Whatever is not done has failed.
func (d *Doer) restart(ctx context.Context, s engine.RecoveryStep) (engine.RecoveryResult, string) {
	result, err := systemd.Restart(ctx, s.Scope, s.Unit)
	switch {
	case err != nil:
		return failure(ctx, s, err)
	case result == "done":
		return engine.RecoveryDone, ""
	case result == "timeout":
		return engine.RecoveryTimeout, "the job's result is timeout"
	}
	return engine.RecoveryFailed, "the job's result is " + result
}

// failure is the outcome of an error, which may be that time is up.
func failure(ctx context.Context, s engine.RecoveryStep, err error) (engine.RecoveryResult, string) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return engine.RecoveryTimeout, fmt.Sprintf("it did not end within %s", s.Timeout)
	}
	return engine.RecoveryFailed, err.Error()
}

// facts are what an action is told, by the names of its environment.
func facts(of recovery.Occasion) map[string]string {
	c, metadata := of.Component, "{}"
	if len(c.Metadata) > 0 {
		metadata = string(c.Metadata)
	}
	all := map[string]string{
		"CHECK": c.Check.Name, "STATUS": c.Status.String(), "MESSAGE": c.Message, "FAILURES": strconv.Itoa(c.Failures),
		"SINCE": stamp(c.Since), "TAGS": strings.Join(of.Tags, ","), "METADATA": metadata,
		"STEP": strconv.Itoa(of.Action.Step), "ATTEMPT": strconv.Itoa(of.Action.Attempt),
	}
	for name, value := range all {
		all[name] = bounded(value)
	}
	return all
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// bounded is a text that the kernel takes as a variable.
func bounded(text string) string {
	const most = 100_000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return strings.ReplaceAll(text, "\x00", "")
}

var _ recovery.Doer = (*Doer)(nil)
