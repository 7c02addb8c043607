package suite

import (
	"fmt"
	"slices"
	"strconv"

	"polyhealth/checktypes"
	"polyhealth/engine/recovery"
	"polyhealth/schema"
)

// exhausted is what a test calls the end of all attempts.
const exhausted = "exhausted"

// deeds reads what is to be done to repair the component.
func (c *compiler) deeds(n *schema.Node) []string {
	deeds := []string{}
	r := c.c.check.Recovery
	if r == nil {
		c.Errorf(n, "", "%q has no recovery", c.c.check.Name)
		return nil
	}
	items := []*schema.Node{n}
	switch {
	case n.Kind == schema.List:
		items = n.Items
	case n.Value == "none":
		return deeds
	}
	for _, item := range items {
		step, err := strconv.Atoi(item.Value)
		switch {
		case item.Value == exhausted:
		case err != nil:
			c.Errorf(item, schema.DidYouMean(item.Value, []string{exhausted, "none"}), "this is the number of a step, exhausted, or none")
		case step < 1 || step > len(r.Steps):
			c.Errorf(item, "", "there is no step %d: the recovery of %q has %d", step, c.c.check.Name, len(r.Steps))
		}
		deeds = append(deeds, item.Value)
	}
	return deeds
}

// undone compares what was done with what was to be.
func (e expectation) undone(lines []line) (Failure, bool) {
	if e.deeds == nil {
		return Failure{}, false
	}
	done := []string{}
	for _, l := range lines {
		if l.deed != nil {
			done = append(done, deedName(*l.deed))
		}
	}
	if slices.Equal(done, e.deeds) {
		return Failure{}, false
	}
	return Failure{At: e.node.Get("recovery"), Message: fmt.Sprintf("by %s recovery has done %s, expected %s",
		checktypes.FormatDuration(e.at), listed(done), listed(e.deeds))}, true
}

func deedName(d recovery.Deed) string {
	if d.Step == 0 {
		return exhausted
	}
	return strconv.Itoa(d.Step)
}

func deedText(d recovery.Deed) string {
	if d.Step == 0 {
		return exhausted
	}
	return fmt.Sprintf("step %d, %s", d.Step, d.Action)
}
