package systemd

import (
	"context"
	"slices"
	"strings"
	"time"
)

// A Service is a unit of the machine that may be worth a check: a service that runs,
// or a unit of any kind that failed.
type Service struct {
	ID          string // such as nginx.service
	Description string
	Failed      bool
	Result      string // how it failed, such as exit-code; empty where systemd does not say
	Enabled     bool   // it is started with the machine
}

// Services asks the system's systemd, over D-Bus, for its services that run and its
// units that failed, in the order of their names.
func Services(ctx context.Context, timeout time.Duration) (found []Service, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	b := newBus(system)
	defer b.Close()
	err = b.read(ctx, timeout, func(c *conn) (err error) {
		found, err = services(ctx, c)
		return err
	})
	return found, err
}

func services(ctx context.Context, c *conn) ([]Service, error) {
	var all []entry
	if err := c.do(ctx, []call{listByPattern("*", &all)}); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e entry) bool {
		return e.ActiveState != "failed" && (kindOf(e.Name) != "service" || e.SubState != "running")
	})
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	found, states := make([]Service, len(all)), make([]string, len(all))
	var calls []call
	for i, e := range all {
		found[i] = Service{ID: e.Name, Description: e.Description, Failed: e.ActiveState == "failed"}
		calls = append(calls, get(e.Path, interfaceOf("unit"), "UnitFileState", &states[i]))
		if kind := kindOf(e.Name); found[i].Failed && within(kind, haveResult) {
			calls = append(calls, get(e.Path, interfaceOf(kind), "Result", &found[i].Result))
		}
	}
	if err := c.do(ctx, calls); err != nil {
		return nil, err
	}
	for i, state := range states {
		// A generated unit is of an init script, or of a line in a table.
		found[i].Enabled = within(state, "enabled enabled-runtime generated linked")
	}
	return found, nil
}
