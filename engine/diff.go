package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"polyhealth/schema"
)

// A Diff says what a new plan changes.
type Diff struct {
	Added     []string  `json:"added"`
	Changed   []Changed `json:"changed"`
	Removed   []string  `json:"removed"`
	Unchanged int       `json:"unchanged"`
	// Settings are the keys outside of checks that changed, such as server.listen
	// or routes.ops.
	Settings []string `json:"settings"`
}

// Changed is a check with the keys that changed, such as interval or http.url.
type Changed struct {
	Name string   `json:"name"`
	Keys []string `json:"keys"`
}

// Empty reports whether nothing changes.
func (d Diff) Empty() bool {
	return len(d.Added)+len(d.Changed)+len(d.Removed)+len(d.Settings) == 0
}

// String is the diff for people, a line a change.
func (d Diff) String() string {
	var b strings.Builder
	for _, n := range d.Added {
		fmt.Fprintf(&b, "added: %s\n", n)
	}
	for _, c := range d.Changed {
		fmt.Fprintf(&b, "changed: %s (%s)\n", c.Name, strings.Join(c.Keys, ", "))
	}
	for _, n := range d.Removed {
		fmt.Fprintf(&b, "removed: %s\n", n)
	}
	for _, s := range d.Settings {
		fmt.Fprintf(&b, "changed: %s\n", s)
	}
	if d.Empty() {
		fmt.Fprintf(&b, "nothing changed\n")
	}
	return b.String()
}

// compare tells how to comes from what is now, which is nil at the start.
func compare(now, to *Plan) Diff {
	d := Diff{Added: []string{}, Changed: []Changed{}, Removed: []string{}, Settings: []string{}}
	old := map[string]*Check{}
	if now != nil {
		for _, c := range now.Checks {
			old[c.Name] = c
		}
		d.Settings = settings(now, to)
	}
	for _, c := range to.Checks {
		was := old[c.Name]
		delete(old, c.Name)
		if was == nil {
			d.Added = append(d.Added, c.Name)
		} else if keys := c.changes(was); len(keys) > 0 {
			d.Changed = append(d.Changed, Changed{c.Name, keys})
		} else {
			d.Unchanged++
		}
	}
	if now != nil {
		for _, c := range now.Checks {
			if old[c.Name] != nil {
				d.Removed = append(d.Removed, c.Name)
			}
		}
	}
	return d
}

func settings(now, to *Plan) []string {
	keys := append([]string{}, changedKeys("server.", now.Server, to.Server)...)
	keys = append(keys, changedKeys("storage.", now.Storage, to.Storage)...)
	keys = append(keys, changedKeys("recovery.", now.Recovery, to.Recovery)...)
	old := map[string]*Route{}
	for _, r := range now.Routes {
		old[r.Name] = r
	}
	for _, r := range to.Routes {
		if !reflect.DeepEqual(old[r.Name], r) {
			keys = append(keys, "routes."+r.Name)
		}
		delete(old, r.Name)
	}
	for _, r := range now.Routes {
		if old[r.Name] != nil {
			keys = append(keys, "routes."+r.Name)
		}
	}
	return keys
}

// changes lists the keys in which c differs from what it was.
func (c *Check) changes(was *Check) []string {
	keys := changedKeys("", was.Keys, c.Keys)
	switch {
	case c.Type.Name != was.Type.Name:
		keys = append(keys, c.Type.Name)
	case !reflect.DeepEqual(c.Config, was.Config) || c.Dir != was.Dir || c.NotConfigured != was.NotConfigured:
		in := changedKeys(c.Type.Name+".", elem(was.Config), elem(c.Config))
		if len(in) == 0 {
			in = []string{c.Type.Name}
		}
		keys = append(keys, in...)
	}
	return keys
}

// sameProbe reports whether an opened probe of was serves c as well.
func (c *Check) sameProbe(was *Check) bool {
	return c.sameTarget(was) && c.Timeout == was.Timeout && c.NotConfigured == was.NotConfigured &&
		reflect.DeepEqual(c.reads, was.reads)
}

// sameTarget reports whether c probes what was probes, or is judged by the same.
func (c *Check) sameTarget(was *Check) bool {
	return c.Type.Name == was.Type.Name && c.Dir == was.Dir && slices.Equal(c.Inputs, was.Inputs) &&
		reflect.DeepEqual(c.Config, was.Config)
}

// sameCadence reports whether c starts as often as was.
func (c *Check) sameCadence(was *Check) bool {
	return c.Interval == was.Interval && c.Keys.Schedule == was.Keys.Schedule && c.Keys.Timezone == was.Keys.Timezone
}

func elem(pointer any) any { return reflect.ValueOf(pointer).Elem().Interface() }

// changedKeys lists the keys, by their yaml tags, in which two structs of one
// type differ. Nodes differ where their text does: where they stand is no change.
func changedKeys(prefix string, a, b any) []string {
	var keys []string
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		f := va.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		fa, fb := va.Field(i).Interface(), vb.Field(i).Interface()
		switch {
		case f.Anonymous:
			keys = append(keys, changedKeys(prefix, fa, fb)...)
		case f.Type.Kind() == reflect.Struct && nested(f.Type):
			keys = append(keys, changedKeys(prefix+name+".", fa, fb)...)
		case !same(fa, fb):
			keys = append(keys, prefix+name)
		}
	}
	return keys
}

// nested reports whether a struct type is a group of keys.
func nested(t reflect.Type) bool {
	return t.NumField() > 0 && t.Field(0).Tag.Get("yaml") != ""
}

func same(a, b any) bool {
	switch a := a.(type) {
	case *schema.Node:
		return a.Same(b.(*schema.Node))
	case Expressions:
		return slices.EqualFunc(a, b.(Expressions), (*schema.Node).Same)
	}
	return reflect.DeepEqual(a, b)
}
