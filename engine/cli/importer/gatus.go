package importer

import (
	"fmt"
	"regexp"
	"strings"

	"polyhealth/engine/cli/draft"
	"polyhealth/schema"
)

// Gatus imports a configuration of Gatus (https://github.com/TwiN/gatus). from is the
// file's name. What is no such file is noted in r, and there is no result.
func Gatus(from string, doc *schema.Document, r *schema.Reader) *Result {
	g := &gatus{reading: &reading{Reader: r, spell: spellEnvironment}, file: begin("the Gatus configuration", from, strictJSON, largeBodies)}
	root := g.section(doc.Root, "")
	if !r.Failed() && !root.has("endpoints") && !root.has("suites") && !root.has("external-endpoints") {
		r.Errorf(doc.Root, "", "this is no configuration of Gatus: it has no endpoints")
	}
	if r.Failed() {
		return nil
	}
	g.root(root)
	if r.Failed() {
		return nil
	}
	return &Result{File: g.file, Thing: "endpoint", Items: g.items}
}

// gatus is one call of Gatus.
type gatus struct {
	*reading
	file, checks *draft.Map
	routes       *routes
	items        []*draft.Part
}

// everywhere are keys of the top level that say what polyhealth always does.
var everywhere = []string{"metrics", "skip-invalid-config-update", "disable-monitoring-lock", "concurrency"}

var gatusRootWithout = map[string]string{
	"security":      "/ and /health ask for no password; bind server.listen to loopback, or put a proxy before it",
	"storage":       "polyhealth keeps its own database, see storage.path",
	"ui":            "the dashboard has no such settings",
	"maintenance":   "write it as maintenance:, with a cron line as schedule",
	"announcements": "the dashboard has none",
	"remote":        "there are no remote instances",
	"connectivity":  "a machine that was cut off itself is not told apart",
	"tunneling":     "there are no SSH tunnels",
	"debug":         "polyhealth run has --log-level",
}

func (g *gatus) root(root *section) {
	var always []string
	for _, key := range everywhere {
		if root.has(key) {
			always = append(always, key)
		}
	}
	if len(always) > 0 {
		g.file.Comment("nothing to set for %s: polyhealth always does that", strings.Join(always, ", "))
	}
	g.server(root.sub("web"))
	defaults := &draft.Map{}
	g.file.Set("defaults", defaults).Note("the defaults of Gatus")
	defaults.Set("interval", draft.Plain("60s"))
	defaults.Set("thresholds", thresholds("3", "2"))
	g.checks, g.routes = &draft.Map{}, newRoutes(g.reading, root.sub("alerting"))
	for _, s := range root.subs("endpoints") {
		g.endpoint(s)
	}
	for _, s := range root.subs("external-endpoints") {
		g.without(s, "external endpoint", "nothing can push its results")
	}
	for _, s := range root.subs("suites") {
		g.without(s, "suite", "checks do not run one after another")
	}
	root.rest(g.file, gatusRootWithout)
	if routes := g.routes.write(); len(routes.Live()) > 0 {
		g.file.Set("routes", routes).Note("between two alerts on a check there are 15m, unless cooldown says less")
	} else if text, _ := routes.Write(); text != "" {
		g.file.Set("routes", routes)
	}
	g.file.Set("checks", g.checks)
}

func (g *gatus) server(web *section) {
	if web.has("address") || web.has("port") {
		listen := orElse(web.text("address"), "0.0.0.0") + ":" + orElse(web.text("port"), "8080")
		g.file.In("server").Set("listen", draft.Text(listen))
	}
	without := map[string]string{
		"tls": "polyhealth speaks plain HTTP; put a proxy before it", "read-buffer-size": "",
	}
	web.rest(g.file, without)
}

// without says that a whole thing cannot be imported.
func (g *gatus) without(s *section, thing, why string) {
	name := s.title()
	lose(g.checks, thing+" "+name, why)
	g.items = append(g.items, nil)
}

func thresholds(unhealthy, healthy string) *draft.Map {
	m := &draft.Map{Flow: true}
	m.Set("unhealthy", draft.Plain(unhealthy))
	m.Set("healthy", draft.Plain(healthy))
	return m
}

// title is what Gatus shows of an endpoint.
func (s *section) title() string {
	if group := s.text("group"); group != "" {
		return group + "/" + s.text("name")
	}
	return s.text("name")
}

// name is a name for an endpoint that nothing else has.
func (g *gatus) name(s *section) string {
	return g.checks.Free(checkName(orElse(s.title(), fmt.Sprintf("endpoint %d", len(g.items)+1))))
}

var variablePattern = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)[^{}]*\}`)

// checkName is a text as a check's name, in which variables have no place.
func checkName(text string) string {
	text = variablePattern.ReplaceAllString(text, "$1")
	text = strings.NewReplacer("$$", "$", "{{", "{ {").Replace(text)
	runes := []rune(strings.Join(strings.Fields(printable(text)), " "))
	return string(runes[:min(len(runes), 90)])
}

var environmentPattern = regexp.MustCompile(`\$\$|\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^{}]*)?\}|\$[A-Za-z_][A-Za-z0-9_]*|\$\{`)

// spellEnvironment spells a text in which Gatus replaces ${NAME} and $NAME, and $$ by
// a dollar sign.
func spellEnvironment(text string) string {
	return environmentPattern.ReplaceAllStringFunc(text, func(found string) string {
		switch {
		case found == "$$", strings.HasSuffix(found, "}"):
			return found
		case found == "${":
			return "$${"
		}
		return "${" + found[1:] + "}"
	})
}
