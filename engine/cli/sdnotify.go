package cli

import (
	"context"
	"fmt"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// ready tells systemd that the daemon is up, or up again after a reload.
func ready(status string) { notify(sd.SdNotifyReady + "\nSTATUS=" + status) }

// reloading tells systemd that a reload has begun; ready ends it.
func reloading() {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	notify(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, now.Nano()/1000))
}

func stopping() { notify(sd.SdNotifyStopping) }

// notify sends what systemd should know, where it runs us; else it does nothing.
func notify(state string) { _, _ = sd.SdNotify(false, state) }

// watchdog feeds systemd's watchdog while pulse, the time at which the scheduler
// last went around, is fresh: a daemon whose scheduler hangs is restarted.
func watchdog(ctx context.Context, pulse func() time.Time) {
	every, err := sd.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if time.Since(pulse()) < every/2 {
				notify(sd.SdNotifyWatchdog)
			}
		}
	}
}
