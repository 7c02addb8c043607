package composite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"polyhealth/checktypes"
)

// Type is the composite check type.
var Type = checktypes.Define(checktypes.Definition[Config, Vars]{
	Name:    "composite",
	Doc:     "Judges other checks together: two of three regions, all of a service's parts.",
	Short:   "of",
	Open:    open,
	Selects: func(c Config) checktypes.Selection { return checktypes.Selection{Names: c.Of, Tags: c.Tags} },
	Judge:   judge,
	Derive:  derive,
	Summary: func(_ *Config, v *Vars) string { return v.summary() },
})

// Config is what the composite key holds.
type Config struct {
	// The checks to judge: their names, or patterns such as api-*. With tags as well,
	// those of both. By default all checks but composites; a composite is only judged
	// where it is named.
	Of []string `yaml:"of" example:"[api-eu, api-us]"`
	// Tags of which a check to judge has at least one.
	Tags []string `yaml:"tags" example:"[region]"`
}

// Vars are what rules see of the checks. A loop such as count(checks, …) goes through
// them in the order of their names.
type Vars struct {
	checktypes.Common
	// Checks are what the checks report, by name.
	Checks map[string]checktypes.Member `expr:"checks"`
	// Healthy are the names of those that are, in the order of the file.
	Healthy []string `expr:"healthy"`
	// Degraded are the names of those that are.
	Degraded []string `expr:"degraded"`
	// Unhealthy are the names of those that are.
	Unhealthy []string `expr:"unhealthy"`
	// Unknown are the names of those that are.
	Unknown []string `expr:"unknown"`
}

type prober struct {
	members func() ([]checktypes.Member, error)
}

func open(_ Config, env checktypes.Env) (checktypes.Prober[Vars], error) {
	return prober{env.Members}, nil
}

// Close implements checktypes.Prober.
func (prober) Close() error { return nil }

// Probe implements checktypes.Prober. It waits for nothing.
func (p prober) Probe(ctx context.Context, v *Vars) error {
	if ctx.Err() != nil {
		return fmt.Errorf("cancelled: %w", ctx.Err())
	}
	members, err := p.members()
	if err != nil {
		return err
	}
	v.Checks = make(map[string]checktypes.Member, len(members))
	for _, m := range members {
		v.Checks[m.Name] = m
		v.count(m)
	}
	return nil
}

// derive makes the lists of names of the checks.
func derive(_ *Config, v *Vars, has checktypes.Has) {
	for _, name := range slices.Sorted(maps.Keys(v.Checks)) {
		m := v.Checks[name]
		m.Name = name
		v.Checks[name] = m
		v.count(m)
	}
	for _, name := range []string{"healthy", "degraded", "unhealthy", "unknown"} {
		has[name] = true
	}
}

// count adds a check to the list of its status.
func (v *Vars) count(m checktypes.Member) {
	list := v.list(m.Status)
	*list = append(*list, m.Name)
}

// list is the list of the names of a status.
func (v *Vars) list(status string) *[]string {
	switch status {
	case "healthy":
		return &v.Healthy
	case "degraded":
		return &v.Degraded
	case "unhealthy":
		return &v.Unhealthy
	}
	return &v.Unknown
}

// judge is the overall status, as /health has it.
func judge(_ *Config, v *Vars) checktypes.Status {
	switch {
	case len(v.Unhealthy) > 0:
		return checktypes.Unhealthy
	case len(v.Healthy) == len(v.Checks):
		return checktypes.Healthy
	case len(v.Unknown) == len(v.Checks):
		return checktypes.Unknown
	}
	return checktypes.Degraded
}

// summary is such as "2 of 4 healthy; unhealthy: api-eu; unknown: api-us".
func (v *Vars) summary() string {
	text := fmt.Sprintf("%d of %d healthy", len(v.Healthy), len(v.Checks))
	if len(v.Healthy) == len(v.Checks) {
		text = fmt.Sprintf("all %d healthy", len(v.Checks))
	}
	for _, part := range []struct {
		word  string
		names []string
	}{{"unhealthy", v.Unhealthy}, {"degraded", v.Degraded}, {"unknown", v.Unknown}} {
		if len(part.names) > 0 {
			text += "; " + part.word + ": " + few(part.names)
		}
	}
	return text
}

// few are the first names of a list, and how many more there are.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
