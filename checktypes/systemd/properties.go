package systemd

import (
	"errors"
	"strings"

	sd "github.com/coreos/go-systemd/v22/dbus"
	"github.com/godbus/dbus/v5"
)

// systemd's names on the bus.
const (
	destination = "org.freedesktop.systemd1"
	managerPath = "/org/freedesktop/systemd1"
	unitFolder  = "/org/freedesktop/systemd1/unit/"
	manager     = destination + ".Manager"
)

// An entry is a unit as systemd lists it.
type entry sd.UnitStatus

// missing reports whether the entry is only a name that somebody mentioned.
func (e entry) missing() bool { return e.LoadState == "not-found" && e.ActiveState == "inactive" }

func (e entry) unit(name string) *unit {
	u := &unit{name: name, path: e.Path}
	u.id, u.kind = e.Name, kindOf(e.Name)
	u.load, u.active, u.sub = e.LoadState, e.ActiveState, e.SubState
	u.memory = noValue
	return u
}

// A unit is one of the check's, while facts are gathered about it.
type unit struct {
	facts
	name string // as the file writes it
	path dbus.ObjectPath
}

// listByNames asks for units in the order of names; a unit that does not exist is
// answered as not-found.
func listByNames(names []string, into *[]entry) call {
	return call{managerPath, manager + ".ListUnitsByNames", []any{names}, func(r *dbus.Call) error { return r.Store(into) }}
}

// listByPattern asks for the loaded units that match one pattern, in any state.
func listByPattern(pattern string, into *[]entry) call {
	return call{managerPath, manager + ".ListUnitsByPatterns", []any{[]string{}, []string{pattern}}, func(r *dbus.Call) error { return r.Store(into) }}
}

// needs say for whom properties are read, besides the table of states.
type needs struct {
	everything bool // for rules
	age        bool // for the summary of a single unit
}

// A property is a row of the table of what is asked about a unit, and when.
type property struct {
	kinds string // words; "" for every unit, and then it is of the interface Unit
	name  string
	when  func(*unit, needs) bool
	into  func(*facts) any
}

const haveResult = "service socket timer path mount automount swap scope"

var properties = []property{
	{"service", "Type", always, func(f *facts) any { return &f.serviceType }},
	{"service", "NRestarts", always, func(f *facts) any { return &f.restarts }},
	{"service", "RemainAfterExit", idle, func(f *facts) any { return &f.remains }},
	{"service", "ExecMainCode", idle, func(f *facts) any { return &f.exitCode }},
	{"service", "ExecMainStatus", idle, func(f *facts) any { return &f.exitStatus }},
	{"service", "MainPID", ruled, func(f *facts) any { return &f.mainPID }},
	{"service socket mount swap scope slice", "MemoryCurrent", ruled, func(f *facts) any { return &f.memory }},
	{haveResult, "Result", idle, func(f *facts) any { return &f.result }},
	{"timer", "Unit", always, func(f *facts) any { return &f.timerUnit }},
	{"timer", "LastTriggerUSec", always, func(f *facts) any { return &f.lastTrigger }},
	{"timer", "NextElapseUSecRealtime", always, func(f *facts) any { return &f.nextWall }},
	{"timer", "NextElapseUSecMonotonic", always, func(f *facts) any { return &f.nextMono }},
	{"timer", "AccuracyUSec", always, func(f *facts) any { return &f.accuracy }},
	{"", "TriggeredBy", idle, func(f *facts) any { return &f.triggeredBy }},
	{"", "ActiveEnterTimestampMonotonic", aged, func(f *facts) any { return &f.activeSince }},
}

func always(*unit, needs) bool    { return true }
func ruled(_ *unit, n needs) bool { return n.everything }
func aged(u *unit, n needs) bool  { return n.everything || n.age && u.up() }
func idle(u *unit, n needs) bool  { return n.everything || !u.up() }
func (u *unit) loaded(n needs) bool {
	return n.everything || u.up() || within(u.load, "loaded stub merged")
}
func interfaceOf(kind string) string { return destination + "." + strings.ToUpper(kind[:1]) + kind[1:] }

// properties are the calls that fill in u's facts.
func (u *unit) properties(n needs) (calls []call) {
	if !u.loaded(n) {
		return nil // the load state says it all
	}
	for _, p := range properties {
		if !within(u.kind, p.kinds) || !p.when(u, n) {
			continue
		}
		of := "unit"
		if p.kinds != "" {
			of = u.kind
		}
		calls = append(calls, get(u.path, interfaceOf(of), p.name, p.into(&u.facts)))
	}
	return calls
}

// peers are the calls that ask about the units that u's state depends on.
func (u *unit) peers() (calls []call) {
	if u.active == "inactive" {
		u.triggers = make([]peer, len(u.triggeredBy))
		for i, name := range u.triggeredBy {
			calls = append(calls, u.triggers[i].ask(name)...)
		}
	}
	if u.timerUnit != "" {
		calls = append(calls, u.starts.ask(u.timerUnit)...)
	}
	return calls
}

func (p *peer) ask(name string) []call {
	p.name = name
	path := dbus.ObjectPath(unitFolder + sd.PathBusEscape(name))
	calls := []call{get(path, interfaceOf("unit"), "ActiveState", &p.active)}
	if kind := kindOf(name); within(kind, haveResult) {
		calls = append(calls, get(path, interfaceOf(kind), "Result", &p.result))
	}
	return calls
}

// get reads a property. One that this systemd, or the unit that has just gone, does
// not have leaves into as it is.
func get(path dbus.ObjectPath, of, name string, into any) call {
	return call{path, "org.freedesktop.DBus.Properties.Get", []any{of, name}, func(r *dbus.Call) error {
		var v dbus.Variant
		if err := r.Store(&v); isAbsent(err) {
			return nil
		} else if err != nil {
			return err
		}
		return dbus.Store([]any{v.Value()}, into)
	}}
}

// isAbsent reports whether systemd answered that there is no such thing.
func isAbsent(err error) bool {
	var answered dbus.Error
	if !errors.As(err, &answered) {
		return false
	}
	name := answered.Name[strings.LastIndexByte(answered.Name, '.')+1:]
	return strings.HasPrefix(name, "Unknown") || strings.HasPrefix(name, "NoSuch")
}
