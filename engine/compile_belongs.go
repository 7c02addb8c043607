package engine

import (
	"fmt"
	"slices"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

// What is known elsewhere, and is unknown where it stands, is told where it
// belongs. All of this is asked only once there is a mistake.

func keysOf(v any) []string {
	keys := schema.Describe(v, nil)
	names := make([]string, len(keys))
	for i := range keys {
		names[i] = keys[i].Name
	}
	return names
}

func has(v any, key string) bool { return slices.Contains(keysOf(v), key) }

// atTop says where a key belongs that is none of the file's top level.
func (c *compiler) atTop(key string) string {
	f := defaultFile()
	for _, of := range []struct {
		name string
		keys any
	}{{"server", f.Server}, {"storage", f.Storage}, {"defaults", f.Defaults}} {
		if has(of.keys, key) {
			return "it is a key of " + of.name + ": indent it below " + of.name + ":"
		}
	}
	if c.typeNamed(key) != nil || has(CheckKeys{}, key) {
		return "it is a key of a check: indent it below the check's name, below checks:"
	}
	return ""
}

// inCheck says where a key belongs that is none of a check, whose type is typ, with
// its keys at typed; both may be nil.
func (c *compiler) inCheck(key string, typ *checktypes.Type, typed *schema.Node) string {
	switch {
	case has(Rules{}, key):
		return "it is a key of rules: indent it below rules:"
	case typ == nil:
		var forms []string
		for _, name := range c.typesWith(key) {
			forms = append(forms, name+": {"+key+": …}")
		}
		if forms != nil {
			return "it is a key of a type: write " + strings.Join(forms, " or ")
		}
	case !has(typ.Config, key):
	case typed.Kind == schema.Map || typ.Short == "":
		return "it is a key of " + typ.Name + ": indent it below " + typ.Name + ":"
	default:
		return fmt.Sprintf("it is a key of %s: write %s: {%s: …, %s: …}", typ.Name, typ.Name, typ.Short, key)
	}
	return ""
}

// inType says where a key belongs that is none of a check's type.
func (c *compiler) inType(key string, typ *checktypes.Type) string {
	switch {
	case has(CheckKeys{}, key):
		return "it is a key of the check: write it beside " + typ.Name + ", not within it"
	case has(Rules{}, key):
		return "it is a key of rules: write rules: {" + key + ": …} beside " + typ.Name
	}
	return ""
}

// typesWith names the types that have a key.
func (c *compiler) typesWith(key string) (names []string) {
	for i := range c.reg.Types {
		if has(c.reg.Types[i].Config, key) {
			names = append(names, c.reg.Types[i].Name)
		}
	}
	return names
}

// strayKey notes a key of a check that stands where the checks' names do, and
// reports whether that is so.
func (c *compiler) strayKey(key, n *schema.Node) bool {
	if slices.ContainsFunc(n.Entries, func(e schema.Entry) bool { return c.typeNamed(e.Key.Value) != nil }) ||
		c.typeNamed(key.Value) == nil && !has(CheckKeys{}, key.Value) {
		return false
	}
	c.Errorf(key, "indent it further, below the name of a check",
		"%s is a key of a check, and stands here as the name of one", key.Value)
	return true
}

// strayNotifier does the same for routes.
func (c *compiler) strayNotifier(key, n *schema.Node) bool {
	if slices.ContainsFunc(n.Entries, func(e schema.Entry) bool { return c.notifierNamed(e.Key.Value) != nil }) ||
		c.notifierNamed(key.Value) == nil && !has(RouteKeys{}, key.Value) {
		return false
	}
	c.Errorf(key, "indent it further, below the name of a route",
		"%s is a key of a route, and stands here as the name of one", key.Value)
	return true
}

// spaceHint says how to write a text that was meant as a key and its value.
func spaceHint(n *schema.Node) string {
	key, value, found := strings.Cut(n.Value, ":")
	if n.Kind != schema.String || !found || strings.ContainsAny(key, " /") {
		return ""
	}
	return "write a space after the colon: " + key + ": " + value
}

// variableElsewhere says which types have a variable that typ has not.
func (c *compiler) variableElsewhere(typ *checktypes.Type) func(name string) string {
	return func(name string) string {
		var others []string
		for i := range c.reg.Types {
			t := &c.reg.Types[i]
			if t.Name != typ.Name && slices.Contains(c.scope(t).Names(), name) {
				others = append(others, t.Name)
			}
		}
		if others == nil {
			return ""
		}
		return "it is a variable of " + strings.Join(others, " and ") + ", and this check is of type " + typ.Name
	}
}
