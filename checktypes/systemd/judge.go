package systemd

import (
	"fmt"
	"strings"

	"polyhealth/checktypes"
)

// runs reports whether a unit does what it should: it is healthy, or active with
// something about it that a person should look at.
func (u *Unit) runs() bool {
	return u.Status == checktypes.Healthy.String() ||
		u.Status == checktypes.Degraded.String() && within(u.Active, anyUp)
}

// judge is the status of a check without rules. One unit is judged by its state.
// Several are healthy when all run, degraded when some do, unhealthy when none
// does; where all run, one that was restarted still makes them degraded, because a
// service that crashes between two probes would otherwise never be seen.
func judge(units []Unit) checktypes.Status {
	if len(units) == 1 {
		s, _ := checktypes.ParseStatus(units[0].Status)
		return s
	}
	running, spotless := 0, 0
	for i := range units {
		if units[i].runs() {
			running++
		}
		if units[i].Status == checktypes.Healthy.String() {
			spotless++
		}
	}
	switch {
	case running == 0:
		return checktypes.Unhealthy
	case spotless < len(units):
		return checktypes.Degraded
	}
	return checktypes.Healthy
}

// summary describes the units: one by its state, several by who is down.
func summary(units []Unit) string {
	if len(units) == 1 {
		return describe(&units[0])
	}
	var down, notes []string
	for i := range units {
		switch u := &units[i]; {
		case !u.runs():
			down = append(down, short(u.ID))
		case u.Reason != "":
			notes = append(notes, short(u.ID)+" "+u.Reason)
		}
	}
	if len(down) > 0 {
		return fmt.Sprintf("%d %s down: %s", len(down), noun(units), strings.Join(down, ", "))
	}
	all := fmt.Sprintf("All %d %s running", len(units), noun(units))
	return strings.Join(append([]string{all}, notes...), "; ")
}

// noun is what to call the units.
func noun(units []Unit) string {
	for i := range units {
		if kindOf(units[i].ID) != "service" {
			return "units"
		}
	}
	return "services"
}

// describe tells of one unit: its reason, or its state.
func describe(u *Unit) string {
	if u.Reason != "" {
		return u.ID + " " + u.Reason
	}
	text := fmt.Sprintf("%s %s (%s)", u.ID, u.Active, u.Sub)
	if u.ActiveFor > 0 {
		text += " for " + checktypes.FormatDuration(u.ActiveFor)
	}
	switch {
	case u.LastTriggerAge != nil && *u.LastTriggerAge == never:
		text += ", not triggered yet"
	case u.LastTriggerAge != nil:
		text += ", last triggered " + checktypes.FormatDuration(*u.LastTriggerAge) + " ago"
	case u.Active == "inactive" && u.Result != "":
		text += ", last result " + u.Result
	}
	return text
}
