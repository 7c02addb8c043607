package engine

import (
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"polyhealth/checktypes"
	"polyhealth/engine/rule"
	"polyhealth/schema"
)

// Compile turns a document into a Plan, without any I/O. Every mistake is noted
// in r; where there is one, the Plan is nil. What is legal and surely unmeant is
// noted as a warning.
func Compile(doc *schema.Document, reg Registry, r *schema.Reader) *Plan {
	c := newCompiler(doc, reg, r)
	c.file(doc.Root)
	if r.Failed() {
		return nil
	}
	return c.plan
}

// Effective is the file as it would be if nothing were said once for many: one file,
// without include and templates, each check spelt out. Nil where Compile finds a
// mistake.
func Effective(doc *schema.Document, reg Registry, r *schema.Reader) *schema.Node {
	c := newCompiler(doc, reg, r)
	checks := c.file(doc.Root)
	if r.Failed() {
		return nil
	}
	root := doc.Root.Without("templates")
	for i, e := range root.Entries {
		if e.Key.Value == "checks" {
			spelt := *e.Value
			spelt.Entries = checks
			root.Entries[i].Value = &spelt
		}
	}
	return root
}

func newCompiler(doc *schema.Document, reg Registry, r *schema.Reader) *compiler {
	return &compiler{
		Reader: r, reg: reg,
		plan:   &Plan{File: doc.File, Dir: doc.Dir, Secrets: r.Secrets},
		scopes: map[string]*rule.Scope{}, routes: map[string]bool{}, templates: map[string]*template{},
	}
}

// Settings is the part of a Plan that tells where its daemon is to be found,
// read from a file that may have any mistakes: what cannot be read is as if the
// file were silent.
func Settings(doc *schema.Document, r *schema.Reader) *Plan {
	f := defaultFile()
	r.Decode(doc.Root, &f)
	f.locate(doc.Root)
	return &Plan{File: doc.File, Dir: doc.Dir, Server: f.Server, Storage: f.Storage, Secrets: r.Secrets}
}

// locate makes the paths of the daemon's own absolute that an included file names.
func (f *File) locate(root *schema.Node) {
	for _, path := range []struct {
		text *string
		at   *schema.Node
	}{{&f.Storage.Path, root.Get("storage", "path")}, {&f.Server.AdminSocket, root.Get("server", "admin_socket")}} {
		if dir := path.at.Dir(); dir != "" && dir != root.Dir() && *path.text != "" && !filepath.IsAbs(*path.text) {
			*path.text = filepath.Join(dir, *path.text)
		}
	}
}

// compiler is one call of Compile.
type compiler struct {
	*schema.Reader
	reg    Registry
	plan   *Plan
	scopes map[string]*rule.Scope // by check type
	routes map[string]bool        // declared
	names  []string               // of all checks, also those that are not enabled

	enabled map[string]bool // by name, of all checks

	compiled  []*Check // the same, those that have a type
	selecting []selecting

	templates     map[string]*template
	templateNames []string

	all []written // checks, likewise
}

// file compiles the file, and returns its checks, written out.
func (c *compiler) file(root *schema.Node) (checks []schema.Entry) {
	f := defaultFile()
	c.DecodeBeside(root, &f, schema.Beside{Belongs: c.atTop})
	f.locate(root)
	c.server(root, f.Server)
	c.plan.Server, c.plan.Storage, c.plan.Recovery = f.Server, f.Storage, f.Recovery
	if f.Routes != nil {
		c.eachEntry(f.Routes, "routes", c.route)
	}
	c.routeNames(root.Get("defaults", "routes"), f.Defaults.Routes)
	if f.Templates != nil {
		c.eachEntry(f.Templates, "templates", c.template)
	}
	if f.Checks == nil {
		return nil
	}
	c.eachEntry(f.Checks, "checks", func(_, _ *schema.Node) {})
	if f.Checks.Kind == schema.Map && len(f.Checks.Entries) == 0 {
		c.Errorf(f.Checks, "", "no checks are declared")
	}
	checks = c.expand(f.Checks)
	for _, e := range checks {
		c.names = append(c.names, e.Key.Value)
	}
	for _, e := range checks {
		c.check(e.Key, e.Value, f.Defaults)
	}
	c.selections()
	c.dependencies(checks)
	c.maintenance(f.Maintenance)
	if !c.Failed() {
		c.windows(root.KeyOf("checks"))
		c.warnings(root, f)
	}
	return checks
}

// eachEntry calls f for the entries of what must be a map.
func (c *compiler) eachEntry(n *schema.Node, what string, f func(key, value *schema.Node)) {
	if n.Kind != schema.Map {
		hint := ""
		if n.Kind == schema.List {
			hint = "write each as NAME: and its keys indented below, without a dash"
		}
		c.Errorf(n, hint, "%s wants a map of names, found %s", what, c.Found(n))
		return
	}
	for _, e := range slices.Concat(n.Entries, n.Again) {
		f(e.Key, e.Value)
	}
}

var prefixPattern = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// server notes what is wrong with the server key beyond its types.
func (c *compiler) server(root *schema.Node, s Server) {
	at := func(key string) *schema.Node { return root.Near("server", key) }
	_, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		like := "5051"
		if _, err := strconv.Atoi(s.Listen); err == nil {
			like = s.Listen
		}
		c.Errorf(at("listen"), "write HOST:PORT, such as 127.0.0.1:"+like, "%q is not an address to listen on", s.Listen)
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		c.Errorf(at("listen"), "a port is a number from 0 to 65535", "%q is not a port", port)
	}
	if !prefixPattern.MatchString(s.MetricsPrefix) {
		c.Errorf(at("metrics_prefix"), "use letters, digits and underscores",
			"%q cannot begin a metric's name", s.MetricsPrefix)
	}
	if len(s.AdminSocket) > 100 {
		c.Errorf(at("admin_socket"), "", "the path of a unix socket has at most 100 bytes, this one has %d", len(s.AdminSocket))
	}
}

// routeNames notes names of routes that are not declared, at n, a list of them.
func (c *compiler) routeNames(n *schema.Node, names []string) {
	if n == nil || n.Kind != schema.List {
		return
	}
	known := make([]string, 0, len(c.plan.Routes))
	for _, r := range c.plan.Routes {
		known = append(known, r.Name)
	}
	for i, name := range names {
		if !c.routes[name] && i < len(n.Items) {
			c.Errorf(n.Items[i], orList(schema.DidYouMean(name, known), "the routes are", known),
				"there is no route %q", name)
		}
	}
}

// scope is the rule scope of a check type, made once a Compile.
func (c *compiler) scope(t *checktypes.Type) *rule.Scope {
	s := c.scopes[t.Name]
	if s == nil {
		s = rule.NewScope(t.Vars)
		s.Elsewhere(c.variableElsewhere(t))
		c.scopes[t.Name] = s
	}
	return s
}

// Path is where a path of the file points to.
func (p *Plan) Path(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.Dir, path)
}
