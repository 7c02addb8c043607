package systemd

import (
	"math"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// facts are what systemd said of a unit. What was not asked for, or is not there,
// has its zero value, which no healthy row of the table accepts by itself.
type facts struct {
	id, kind          string // nginx.service, service
	load, active, sub string

	serviceType  string // Type= of a service
	remains      bool   // RemainAfterExit= of a service
	result       string
	exitCode     int32 // how the main process ended: 1 exited, 2 killed, 3 dumped
	exitStatus   int32 // with which status, or by which signal
	restarts     uint32
	mainPID      uint32
	memory       uint64 // noValue where it is not known
	activeSince  uint64 // monotonic microseconds
	triggeredBy  []string
	triggers     []peer // the units of triggeredBy
	timerUnit    string // what a timer starts
	starts       peer   // the unit of timerUnit
	lastTrigger  uint64 // microseconds since 1970, 0 for never
	nextWall     uint64 // a timer's next run, microseconds since 1970
	nextMono     uint64 // or by the monotonic clock
	accuracy     uint64 // by how many microseconds a timer may be late
	restartedNow int    // by how much restarts rose since the last probe

	at moment // when all this was asked
}

// A peer is a unit that another depends on.
type peer struct{ name, active, result string }

// noValue is how systemd says that a number does not exist.
const noValue = math.MaxUint64

// A moment is now, by both clocks.
type moment struct {
	wall time.Time
	mono time.Duration // CLOCK_MONOTONIC, by which systemd stamps states
}

func now() moment {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // cannot fail for this clock
	return moment{wall: time.Now(), mono: time.Duration(ts.Nano())}
}

// up reports whether the unit is active, be it also reloading.
func (f *facts) up() bool {
	return f.active == "active" || f.active == "reloading" || f.active == "refreshing"
}

// done reports whether the unit's last run, if there was one, ended well.
func (f *facts) done() bool {
	return f.result == "success" || f.result == "exec-condition" // which says: not now
}

// oneshot reports whether the unit's work is over once it is inactive.
func (f *facts) oneshot() bool { return f.serviceType == "oneshot" && !f.remains }

// awaited reports whether something active would start the unit.
func (f *facts) awaited() bool {
	for _, t := range f.triggers {
		if t.active == "active" {
			return true
		}
	}
	return false
}

// startsFailed reports whether the last run of what a timer starts went wrong.
func (f *facts) startsFailed() bool {
	s := f.starts
	return s.active == "failed" || s.result != "" && s.result != "success" && s.result != "exec-condition"
}

// next is when a timer runs next, as time from now, and whether it does at all.
func (f *facts) next() (in time.Duration, known bool) {
	in = never
	if f.nextWall != 0 && f.nextWall != noValue {
		in, known = time.UnixMicro(int64(f.nextWall)).Sub(f.at.wall), true
	}
	if f.nextMono != 0 && f.nextMono != noValue {
		in, known = min(in, micros(f.nextMono)-f.at.mono), true
	}
	return in, known
}

// forgiven is how late a timer may be beyond its AccuracySec=, for a machine that
// was suspended or busy.
const forgiven = time.Minute

// overdue is how long ago a timer should have fired, 0 where all is well.
func (f *facts) overdue() time.Duration {
	in, known := f.next()
	if !known || f.sub != "waiting" || -in <= micros(f.accuracy)+forgiven {
		return 0
	}
	return -in
}

// activeFor is how long the unit has been active.
func (f *facts) activeFor() time.Duration {
	if !f.up() || f.activeSince == 0 || f.activeSince == noValue {
		return 0
	}
	return max(0, f.at.mono-micros(f.activeSince))
}

// lastTriggerAge is how long ago a timer fired, or never.
func (f *facts) lastTriggerAge() time.Duration {
	if f.lastTrigger == 0 || f.lastTrigger == noValue {
		return never
	}
	return max(0, f.at.wall.Sub(time.UnixMicro(int64(f.lastTrigger))))
}

// outcome is the result with what is known of the exit: exit-code 3, signal KILL.
func (f *facts) outcome() string {
	switch {
	case f.exitCode == 1 && f.exitStatus != 0 && f.result == "exit-code":
		return f.result + " " + strconv.Itoa(int(f.exitStatus))
	case f.exitCode > 1 && (f.result == "signal" || f.result == "core-dump"):
		return f.result + " " + signalName(f.exitStatus)
	}
	return f.result
}

func signalName(n int32) string {
	if name := unix.SignalName(syscall.Signal(n)); name != "" {
		return name[len("SIG"):]
	}
	return strconv.Itoa(int(n))
}

// micros is a number of microseconds of systemd's, cut to what a Duration holds.
func micros(us uint64) time.Duration {
	return time.Duration(min(us, math.MaxInt64/1000)) * time.Microsecond
}
