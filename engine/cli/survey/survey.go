// Package survey looks at the machine that it runs on, for what may be worth a
// check, and drafts a file of it. It asks systemd and reads /proc; it connects to
// nobody unless it is told to.
package survey

import (
	"context"
	"time"

	"polyhealth/checktypes/systemd"
)

// A Machine is what was found.
type Machine struct {
	Services  []systemd.Service
	NoSystemd error // why there are none
	Listeners []Listener
	Mounts    []Mount
	Databases []Database
}

// patience bounds the questions to systemd.
const patience = 10 * time.Second

// Look looks at this machine.
func Look(ctx context.Context) *Machine {
	m := &Machine{Mounts: Mounts("/proc"), Listeners: Listeners("/proc")}
	m.Services, m.NoSystemd = systemd.Services(ctx, patience)
	m.Databases = Databases("/", m.Listeners)
	return m
}
