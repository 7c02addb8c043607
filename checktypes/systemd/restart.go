package systemd

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// Restart restarts a unit and waits for its job's result, as systemd names it: done,
// failed, timeout, canceled, dependency, skipped. An error means that there was none,
// and says why. One that was started too often is relieved of that limit first.
func Restart(ctx context.Context, scope, unit string) (result string, err error) {
	c, err := connect(ctx, scope)
	if err != nil {
		return "", err
	}
	defer c.close()
	removed, err := c.jobs(ctx)
	if err != nil {
		return "", inWords(ctx, err)
	}
	now, err := c.state(ctx, unit)
	if err != nil {
		return "", inWords(ctx, err)
	}
	if now.active == "failed" {
		// Which also forgets how often it was started: the limit that it may have hit
		// does not always show as its result.
		if err := c.ask(ctx, managerPath, manager+".ResetFailedUnit", nil, unit); err != nil {
			return "", inWords(ctx, err)
		}
	}
	var job dbus.ObjectPath
	if err := c.ask(ctx, managerPath, manager+".RestartUnit", &job, unit, "replace"); err != nil {
		return "", inWords(ctx, err)
	}
	return await(ctx, removed, job)
}

// Starting says that a unit is starting by itself, or stopping, and in which state it
// is; empty where it is neither.
func Starting(ctx context.Context, scope, unit string) (how string, err error) {
	c, err := connect(ctx, scope)
	if err != nil {
		return "", err
	}
	defer c.close()
	now, err := c.state(ctx, unit)
	if err != nil {
		return "", inWords(ctx, err)
	}
	if now.active == "activating" || now.active == "deactivating" {
		return fmt.Sprintf("%s is %s (%s)", unit, now.active, now.sub), nil
	}
	return "", nil
}

// connect makes a connection for one use.
func connect(ctx context.Context, scope string) (*conn, error) {
	b := newBus(scope)
	c, err := b.dial(ctx)
	if err != nil {
		return nil, b.absent(ctx, 0, err)
	}
	return c, nil
}

// ask makes one call. into takes its answer, unless it is nil.
func (c *conn) ask(ctx context.Context, path dbus.ObjectPath, method string, into any, args ...any) error {
	return c.do(ctx, []call{{path, method, args, func(r *dbus.Call) error {
		if r.Err != nil || into == nil {
			return r.Err
		}
		return r.Store(into)
	}}})
}

// jobs has systemd tell of jobs that end.
func (c *conn) jobs(ctx context.Context) (<-chan *dbus.Signal, error) {
	signals := make(chan *dbus.Signal, 256)
	c.bus.Signal(signals)
	if !c.direct {
		err := c.bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(destination), dbus.WithMatchInterface(manager), dbus.WithMatchMember("JobRemoved"))
		if err != nil {
			return nil, err
		}
	}
	return signals, c.ask(ctx, managerPath, manager+".Subscribe", nil)
}

// A condition is a unit's state.
type condition struct{ active, sub string }

func (c *conn) state(ctx context.Context, unit string) (now condition, err error) {
	var path dbus.ObjectPath
	if err := c.ask(ctx, managerPath, manager+".LoadUnit", &path, unit); err != nil {
		return now, err
	}
	get := func(of, name string, into *string) error {
		var v dbus.Variant
		if err := c.ask(ctx, path, "org.freedesktop.DBus.Properties.Get", &v, of, name); err != nil {
			return err
		}
		return v.Store(into)
	}
	if err := get(destination+".Unit", "ActiveState", &now.active); err != nil {
		return now, err
	}
	return now, get(destination+".Unit", "SubState", &now.sub)
}

// await waits until a job is removed.
func await(ctx context.Context, removed <-chan *dbus.Signal, job dbus.ObjectPath) (string, error) {
	for {
		select {
		case s, open := <-removed:
			if !open {
				return "", errors.New("the connection to systemd broke while the unit was being restarted")
			}
			if s.Name != manager+".JobRemoved" || len(s.Body) < 4 || s.Body[1] != job {
				continue
			}
			result, _ := s.Body[3].(string)
			return result, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// inWords is an error of systemd's without its name on the bus.
func inWords(ctx context.Context, err error) error {
	var refused dbus.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused) && len(refused.Body) > 0:
		hint := ""
		if refused.Name == "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" || refused.Name == "org.freedesktop.DBus.Error.AccessDenied" {
			hint = " (polyhealth polkit-rules prints a rule that allows it)"
		}
		return fmt.Errorf("systemd refused: %v%s", refused.Body[0], hint)
	}
	return err
}
