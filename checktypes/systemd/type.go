package systemd

import (
	"polyhealth/checktypes"
	"polyhealth/schema"
)

// Type checks the state of systemd units.
var Type = checktypes.Define(checktypes.Definition[Config, Vars]{
	Name:     "systemd",
	Doc:      "Asks systemd, over D-Bus, whether units run.",
	Short:    "unit",
	Defaults: Config{Scope: system},
	Check:    check,
	Open:     open,
	Derive:   derive,
	Judge:    func(_ *Config, v *Vars) checktypes.Status { return judge(v.Units) },
	Summary:  func(_ *Config, v *Vars) string { return summary(v.Units) },
})

// Config are the keys of a systemd check.
type Config struct {
	// Unit is the unit's name, such as nginx.service, or a pattern such as
	// nginx-*; without a suffix it means .service.
	Unit string `yaml:"unit,oneof=unit" example:"nginx.service"`
	// Units are the names or patterns of several units. A pattern stands for the
	// units that systemd has loaded, and for those it once stood for and that are
	// still installed. One that no unit matches makes the check unhealthy.
	Units []string `yaml:"units,oneof=unit" example:"[app, app-*.timer]"`
	// Scope is whose units: system (the default) for the machine's, user for those
	// of the user that polyhealth runs as.
	Scope string `yaml:"scope" enum:"system,user"`
}

// names are the names and patterns of either key.
func (c *Config) names() []string {
	if c.Unit != "" {
		return []string{c.Unit}
	}
	return c.Units
}

func check(c *Config, n *schema.Node, r *schema.Reader) {
	if c.Unit != "" {
		at := n.Get("unit")
		if at == nil {
			at = n // the short form
		}
		checkName(c.Unit, at, r)
	}
	units := n.Get("units")
	if units == nil {
		return
	}
	if units.Kind == schema.List && len(units.Items) == 0 {
		r.Errorf(units, "", "units is empty")
	}
	seen := map[string]bool{}
	for i, name := range c.Units {
		if i >= len(units.Items) || units.Items[i].Unset != "" {
			continue
		}
		at := units.Items[i]
		full := checkName(name, at, r)
		if seen[full] {
			r.Warnf(at, "", "%s is listed twice, and counts once", name)
		}
		seen[full] = true
	}
}

// checkName notes what is wrong with a name, and returns it with its suffix.
func checkName(name string, at *schema.Node, r *schema.Reader) string {
	s, err := parseSelector(name)
	if err != nil {
		r.Errorf(at, err.hint, "%s", err.message)
	}
	return s.full
}
