package systemd

import "polyhealth/checktypes"

// derive completes the units that a test gives: one that says nothing of itself but
// its active state is loaded, and what that state usually amounts to.
func derive(c *Config, v *Vars, has checktypes.Has) {
	switch {
	case has["unit"] && !has["units"]:
		v.Units = []Unit{v.Unit}
	case !has["units"]:
		return
	}
	for i := range v.Units {
		v.Units[i].complete(c, i)
	}
	has["units"], has["unit"] = true, true
	if len(v.Units) > 0 {
		v.Unit = v.Units[0]
	}
	if has["running"] || has["failed"] {
		has["running"], has["failed"] = true, true
		return
	}
	for _, u := range v.Units {
		if u.runs() {
			v.Running = append(v.Running, u.Name)
		} else {
			v.Failed = append(v.Failed, u.Name)
		}
	}
	has["running"], has["failed"] = true, true
}

// complete fills in what follows from the active state.
func (u *Unit) complete(c *Config, i int) {
	if names := c.names(); u.Name == "" && i < len(names) {
		u.Name = names[i]
	}
	if u.ID == "" {
		s, _ := parseSelector(u.Name) // with its suffix
		u.ID = s.full
	}
	if u.Load == "" {
		u.Load = "loaded"
	}
	if u.Active == "" {
		u.Active = map[string]string{"degraded": "activating", "unhealthy": "failed"}[u.Status]
		if u.Active == "" {
			u.Active = "active"
		}
	}
	if u.Status != "" {
		return
	}
	switch u.Active {
	case "active", "reloading", "refreshing":
		u.Status = "healthy"
	case "activating":
		u.Status = "degraded"
	default:
		u.Status = "unhealthy"
		u.Reason = u.Active
	}
}
