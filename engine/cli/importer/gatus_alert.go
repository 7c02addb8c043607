package importer

import (
	"fmt"
	"strconv"

	"polyhealth/engine/cli/draft"
)

// routes are the places alerts go to. In Gatus each alert of each endpoint says how
// its place is told, and may say that it is another one; those that say the same
// share a route.
type routes struct {
	*reading
	names     []string // of the providers, in the order of the file
	providers map[string]*provider
	made      *draft.Map
	byText    map[string]string // the names of routes
}

// A provider is a way to send alerts, as alerting has it.
type provider struct {
	*section
	name     string
	fallback *section            // what alerts do not say
	groups   map[string]*section // what is different for a group's endpoints
	used     bool
	gap      gap // why it has no equivalent
}

func newRoutes(r *reading, alerting *section) *routes {
	rs := &routes{reading: r, providers: map[string]*provider{}, made: &draft.Map{}, byText: map[string]string{}}
	for _, s := range alerting.entries() {
		name := s.key
		p := &provider{section: s, name: name, fallback: s.sub("default-alert"), groups: map[string]*section{}}
		for _, o := range s.subs("overrides") {
			o.path = s.path + ".overrides"
			p.groups[o.text("group")] = o
		}
		for _, key := range alertKeys {
			p.fallback.asked[key] = true
		}
		rs.names = append(rs.names, name)
		rs.providers[name] = p
	}
	return rs
}

// alertKeys are those of an alert that a provider may have a default for.
var alertKeys = []string{
	"enabled", "failure-threshold", "success-threshold", "minimum-reminder-interval", "description", "send-on-resolved",
}

// An alert is one of an endpoint. What it does not say its provider does.
type alert struct {
	*section
	provider *provider // nil where there is none
	kind     string
}

func (a alert) text(key string) string {
	text := a.section.text(key)
	if text == "" && a.provider != nil {
		text = a.provider.fallback.text(key)
	}
	return text
}

// readAlerts are those of an endpoint.
func (g *gatus) readAlerts(s *section) (alerts []alert) {
	for _, s := range s.subs("alerts") {
		kind := s.text("type")
		alerts = append(alerts, alert{s, g.routes.providers[kind], kind})
	}
	return alerts
}

// describe writes what the first alert says; a check says one thing.
func (e *endpoint) describe() {
	first := ""
	for _, a := range e.alerts {
		text := a.text("description")
		switch {
		case first == "":
			first = text
			set(e.check, "description", text)
		case text != "" && text != first:
			lose(e.check, "description of the alert "+a.kind+": "+text, "a check has one")
		}
	}
}

// notify writes an endpoint's routes and thresholds.
func (e *endpoint) notify() {
	var names []string
	var failure, success lowest
	for _, a := range e.alerts {
		switch {
		case a.provider == nil:
			lose(e.check, "alert "+a.kind, "there is no alerting."+a.kind+", so that Gatus sends nothing either")
			continue
		case a.text("enabled") == "false":
			lose(e.check, "alert "+a.kind, "it is not enabled")
			continue
		}
		name, why := e.g.routes.route(a, e.text("group"))
		if why != "" {
			lose(e.check, "alert "+a.kind, string(why))
			continue
		}
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
		failure.add(a, "failure-threshold", 3)
		success.add(a, "success-threshold", 2)
		a.rest(e.check, nil)
	}
	if len(names) == 0 {
		return
	}
	if failure.n != 3 || success.n != 2 {
		e.check.Set("thresholds", thresholds(strconv.Itoa(failure.n), strconv.Itoa(success.n)))
	}
	for _, l := range []lowest{failure, success} {
		for _, lost := range l.lost {
			lose(e.check, lost, "a check has one for all its routes, and here the lowest is taken")
		}
	}
	e.check.Set("routes", draft.Texts(names...))
}

// lowest is the lowest of the thresholds of several alerts.
type lowest struct {
	n    int
	of   string
	lost []string // the others
}

func (l *lowest) add(a alert, key string, fallback int) {
	n := fallback
	if given, err := strconv.Atoi(a.text(key)); err == nil && given > 0 {
		n = given
	} else if text := a.text(key); err != nil && text != "" {
		l.lost = append(l.lost, fmt.Sprintf("%s %s of the alert %s", key, text, a.kind))
	}
	of := fmt.Sprintf("%s %d of the alert %s", key, n, a.kind)
	switch {
	case l.n == 0:
		l.n, l.of = n, of
	case n < l.n:
		l.lost = append(l.lost, l.of)
		l.n, l.of = n, of
	case n > l.n:
		l.lost = append(l.lost, of)
	}
}

// route is the name of the route of an alert, made where there is none yet.
func (rs *routes) route(a alert, group string) (name string, why gap) {
	p := a.provider
	p.used = true
	own := a.section.sub("provider-override")
	settings := settings{own, p.groups[group], p.section}
	m := &draft.Map{}
	if why := settings.write(p.name, m); why != "" {
		p.gap = why
		return "", gap("see alerting." + p.name)
	}
	for _, layer := range settings {
		if layer != nil {
			layer.rest(m, providerWithout)
		}
	}
	p.fallback.rest(m, nil)
	if a.text("send-on-resolved") != "true" {
		m.Set("send_resolved", draft.Plain("false"))
	}
	m.Set("repeat_interval", rs.reminder(a))
	name = p.name
	if p.groups[group] != nil {
		name += "-" + checkName(group)
	}
	return rs.named(name, m), ""
}

// reminder is how often an alert is repeated.
func (rs *routes) reminder(a alert) draft.Plain {
	const key = "minimum-reminder-interval"
	if d := a.section.duration(key); d != "" {
		return d
	}
	if d := a.provider.fallback.duration(key); d != "" {
		return d
	}
	return "never"
}

// named is the name of the route that says the same, or a new one.
func (rs *routes) named(name string, m *draft.Map) string {
	text, _ := m.Write()
	if name, ok := rs.byText[text]; ok {
		return name
	}
	name = rs.made.Free(name)
	rs.byText[text] = name
	rs.made.Set(name, m)
	return name
}

// write returns all routes: those that endpoints use, and those that none does.
func (rs *routes) write() *draft.Map {
	for _, name := range rs.names {
		p := rs.providers[name]
		if !p.used {
			a := alert{rs.section(nil, ""), p, name}
			if route, why := rs.route(a, ""); why == "" {
				rs.made.Part(route).Note("no endpoint alerts by it")
			}
		}
		if p.gap != "" {
			lose(rs.made, "alerting."+name, string(p.gap))
		}
	}
	return rs.made
}
