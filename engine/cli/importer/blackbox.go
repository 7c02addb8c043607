package importer

import (
	"slices"

	"polyhealth/engine/cli/draft"
	"polyhealth/schema"
)

// Blackbox imports the modules of the Prometheus blackbox exporter
// (https://github.com/prometheus/blackbox_exporter) as templates, and the jobs of
// Prometheus that ask it, where there are any, as checks that use them. from is the
// file's name. What is no such file is noted in r, and there is no result.
func Blackbox(from string, doc, jobs *schema.Document, r *schema.Reader) *Result {
	b := &blackbox{
		reading: &reading{Reader: r, spell: draft.Escape}, modules: map[string]*module{},
		templates: &draft.Map{}, checks: &draft.Map{},
	}
	root := b.section(doc.Root, "")
	if !r.Failed() && !root.has("modules") {
		r.Errorf(doc.Root, "", "this is no configuration of the blackbox exporter: it has no modules")
	}
	if r.Failed() {
		return nil
	}
	file := begin("the blackbox exporter's configuration", from, largeBodies)
	for _, s := range root.sub("modules").entries() {
		b.module(s)
	}
	root.rest(file, nil)
	if jobs != nil {
		b.prometheus(b.section(jobs.Root, ""), file)
	}
	for _, name := range b.names {
		b.placeholder(b.modules[name])
	}
	setMap(file, "templates", b.templates)
	file.Set("checks", b.checks)
	if r.Failed() {
		return nil
	}
	result := &Result{File: file, Thing: "module", Items: b.items}
	if jobs != nil {
		result.More = " and " + count(b.targets, "target")
	}
	return result
}

// blackbox is one call of Blackbox.
type blackbox struct {
	*reading
	names             []string // of the modules, in the order of the file
	modules           map[string]*module
	templates, checks *draft.Map
	items             []*draft.Part
	targets           int
}

// A module is one becoming a template. Its target stands in it as {{ each.value }},
// so that a check lists the targets by for_each.
type module struct {
	*section
	name     string
	template *draft.Map
	prober   *section
	rules    []string
	note     *draft.Map // what has no equivalent in the rules
	kind     *proberKind
	used     bool
}

// A proberKind is how to write a prober as a check type, and what its targets are.
type proberKind struct {
	make    func(*module) gap
	example string // a target
	// element is a target as the template wants it.
	element func(target string) (draft.Value, gap)
}

// proberKinds are the probers that have an equivalent.
func proberKinds() map[string]*proberKind {
	return map[string]*proberKind{
		"http":      {(*module).http, "https://example.org/", httpTarget},
		"websocket": {(*module).websocket, "wss://example.org/", plainTarget},
		"tcp":       {(*module).tcp, "example.org:443", hostAndPort("")},
		"dns":       {(*module).dns, "192.0.2.53", hostAndPort("53")},
		"icmp":      {(*module).icmp, "example.org", plainTarget},
		"grpc":      {(*module).grpc, "example.org:443", plainTarget},
	}
}

func (b *blackbox) module(s *section) {
	b.items = append(b.items, nil)
	s.path = "" // it stands in its own template
	prober := s.text("prober")
	kind := proberKinds()[prober]
	if kind == nil {
		why := "there is no such prober: " + prober
		if prober == "unix" {
			why = "no check type and no common program asks a unix socket"
		}
		lose(b.templates, "module "+s.key, why)
		return
	}
	m := &module{section: s, name: b.templates.Free(checkName(s.key)), template: &draft.Map{}, note: &draft.Map{}, kind: kind}
	setPlain(m.template, "timeout", s.duration("timeout"))
	m.prober = s.sub(prober)
	if why := kind.make(m); why != "" {
		lose(b.templates, "module "+s.key, string(why))
		return
	}
	m.prober.rest(m.template, proberWithout)
	for key := range proberKinds() { // a module may have settings of other probers
		if key != prober && s.has(key) {
			lose(m.template, key, "the prober is "+prober)
		}
	}
	s.rest(m.template, nil)
	m.write()
	b.names = append(b.names, s.key)
	b.modules[s.key] = m
	b.items[len(b.items)-1] = b.templates.Set(m.name, m.template)
}

// write writes the rules: all that a probe has to be to succeed.
func (m *module) write() {
	if len(m.rules) == 0 {
		return
	}
	m.note.Set("healthy", all(m.rules))
	m.template.Set("rules", m.note)
}

const seesStdout = "a rule sees what dig prints, as stdout"

var proberWithout = map[string]string{
	"preferred_ip_protocol": "both are tried", "ip_protocol_fallback": "both are tried",
	"source_ip_address": "the machine chooses it", "query_response": "it only connects",
	"validate_answer_rrs": seesStdout, "validate_authority_rrs": seesStdout, "validate_additional_rrs": seesStdout,
	"valid_http_versions": "rules do not see the version", "compression": "only gzip is unpacked",
	"fail_if_body_json_matches_cel":     "write it as a rule over json, in expr",
	"fail_if_body_json_not_matches_cel": "write it as a rule over json, in expr",
	"oauth2":                            "there is no OAuth 2", "enable_http2": "HTTP/2 is for keep_alive", "enable_http3": "there is no HTTP/3",
	"no_proxy": "", "proxy_from_environment": "a proxy is written out", "proxy_connect_header": "",
	"skip_resolve_phase_with_proxy": "a proxy always resolves", "tls_config": "it is not encrypted",
}

// placeholder makes a check of a module that none uses: it shows how, and proves the
// template.
func (b *blackbox) placeholder(m *module) {
	if m.used {
		return
	}
	c := &draft.Map{}
	c.Set("uses", draft.Text(m.name))
	c.Set("enabled", draft.Plain("false")).Note("not probed: put your targets here, and take this line out")
	b.forEach(c, m, m.name, []string{m.kind.example})
	b.checks.Set(b.checks.Free(m.name), c)
}

// maxName is the length of a check's name.
const maxName = 100

// forEach lists the targets of a check. Each has a name of its own.
func (b *blackbox) forEach(c *draft.Map, m *module, name string, targets []string) (n int) {
	list, byName, named := draft.List{}, &draft.Map{}, false
	for i, target := range targets {
		if slices.Contains(targets[:i], target) {
			continue
		}
		element, why := m.kind.element(target)
		if why != "" {
			lose(c, "target "+target, string(why))
			continue
		}
		text, plain := element.(draft.Text)
		named = named || !plain || len([]rune(name))+len([]rune(text)) >= maxName
		list = append(list, element)
		key := []rune(checkName(target))
		byName.Set(byName.Free(string(key[:max(1, min(len(key), maxName-4-len([]rune(name))))])), element)
	}
	if named {
		c.Set("for_each", byName)
	} else {
		c.Set("for_each", list)
	}
	return len(list)
}
