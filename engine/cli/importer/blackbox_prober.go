package importer

import (
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"

	"polyhealth/engine/cli/draft"
	"polyhealth/schema"
)

// The target of a check in its template.
const (
	each     = "{{ each.value }}"
	eachHost = "{{ each.value.host }}"
	eachPort = "{{ each.value.port }}"
)

func plainTarget(target string) (draft.Value, gap) { return draft.Text(target), "" }

func httpTarget(target string) (draft.Value, gap) {
	if !strings.HasPrefix(target, "http://") && !strings.HasPrefix(target, "https://") {
		target = "http://" + target
	}
	return draft.Text(target), ""
}

// hostAndPort is a target in two. fallback is the port of one without.
func hostAndPort(fallback string) func(string) (draft.Value, gap) {
	return func(target string) (draft.Value, gap) {
		host, port, err := net.SplitHostPort(target)
		if err != nil && fallback != "" {
			host, port, err = strings.Trim(target, "[]"), fallback, nil
		}
		if err != nil {
			return nil, "it names no port"
		}
		m := &draft.Map{Flow: true}
		m.Set("host", draft.Text(host))
		m.Set("port", draft.Text(port))
		return m, ""
	}
}

func (m *module) http() gap {
	h, p := &draft.Map{}, m.prober
	h.Set("url", draft.Text(each))
	if method := p.text("method"); method != "GET" {
		set(h, "method", method)
	}
	headers := p.pairs("headers")
	m.headers(headers, p.sub("http_headers"))
	m.client(h, headers, p)
	if p.text("compression") == "gzip" { // asked for and unpacked by itself
		for _, header := range headers.Live() {
			if strings.EqualFold(header.Key, "Accept-Encoding") {
				headers.Remove(header.Key)
			}
		}
	} else {
		delete(p.asked, "compression")
	}
	setMap(h, "headers", headers)
	set(h, "body", p.text("body"))
	setFile(h, "body", p.text("body_file"))
	if size := p.text("body_size_limit"); size != "" && size != "0" {
		h.Set("max_body", draft.Plain(size))
	}
	m.template.Set("http", h)
	m.status()
	m.encryption()
	m.patterns()
	return ""
}

// setFile sets a text that is in a file.
func setFile(m *draft.Map, key, file string) {
	if file != "" {
		m.Set(key, draft.Text("${file:"+file+"}"))
	}
}

// headers adds those of http_headers, of which the last value counts, or plain ones.
func (m *module) headers(to *draft.Map, from *section) {
	for name, n := range from.each() {
		if n.Kind != schema.Map {
			setHeader(to, name, from.text(name))
			continue
		}
		s := from.sub(name)
		for _, kind := range []string{"values", "secrets", "files"} {
			texts := s.texts(kind)
			if len(texts) == 0 {
				continue
			}
			last := texts[len(texts)-1]
			switch kind {
			case "values":
				setHeader(to, name, last)
			case "secrets":
				secret(to, name, last)
			default:
				setFile(to, name, last)
			}
		}
		s.rest(m.template, nil)
	}
}

// client writes what http and websocket probers have in common.
func (m *module) client(to, headers *draft.Map, s *section) {
	basic, from := &draft.Map{}, s.sub("basic_auth")
	set(basic, "username", from.text("username"))
	setFile(basic, "username", from.text("username_file"))
	secret(basic, "password", from.text("password"))
	setFile(basic, "password", from.text("password_file"))
	from.rest(to, nil)
	authorization := s.sub("authorization")
	credentials := [2]string{authorization.text("credentials"), authorization.text("credentials_file")}
	kind := orElse(authorization.text("type"), "Bearer")
	authorization.rest(to, nil)
	bearer := [2]string{s.text("bearer_token"), s.text("bearer_token_file")}
	if strings.EqualFold(kind, "Bearer") && bearer == [2]string{} {
		bearer = credentials
	} else if file := credentials[1]; file != "" {
		headers.Set("Authorization", draft.Text(kind+" ${file:"+file+"}"))
	} else if credentials[0] != "" {
		secret(headers, "Authorization", kind+" "+credentials[0])
	}
	m.follow(to, s)
	setMap(to, "basic_auth", basic)
	secret(to, "bearer", bearer[0])
	setFile(to, "bearer", bearer[1])
	setMap(to, "tls", m.tls(to, s.sub("tls_config")))
	set(to, "proxy", s.text("proxy_url"))
}

func (m *module) follow(to *draft.Map, s *section) {
	if s.flag("no_follow_redirects") || s.text("follow_redirects") == "false" {
		to.Set("follow_redirects", draft.Plain("false"))
	}
}

func (m *module) tls(to *draft.Map, s *section) *draft.Map {
	t := &draft.Map{}
	set(t, "ca", orElse(s.text("ca_file"), s.text("ca")))
	set(t, "cert", orElse(s.text("cert_file"), s.text("cert")))
	set(t, "key", orElse(s.text("key_file"), s.text("key")))
	set(t, "server_name", s.text("server_name"))
	if s.flag("insecure_skip_verify") {
		t.Set("insecure_skip_verify", draft.Plain("true"))
	}
	if version := s.text("min_version"); strings.HasPrefix(version, "TLS1") && len(version) == 5 {
		t.Set("min_version", draft.Text(version[3:4]+"."+version[4:]))
	}
	s.rest(to, map[string]string{"max_version": "only the oldest version can be set"})
	return t
}

// status writes which codes are good: 2xx, unless the module says otherwise.
func (m *module) status() {
	codes := m.prober.texts("valid_status_codes")
	for _, code := range codes {
		if !wholePattern.MatchString(code) {
			m.Errorf(m.prober.get("valid_status_codes"), "", "valid_status_codes wants numbers, found %q", code)
			return
		}
	}
	switch len(codes) {
	case 0:
		m.rules = append(m.rules, "status >= 200", "status < 300")
	case 1:
		m.rules = append(m.rules, "status == "+codes[0])
	default:
		m.rules = append(m.rules, "status in ["+strings.Join(codes, ", ")+"]")
	}
}

func (m *module) encryption() {
	if m.prober.flag("fail_if_ssl") {
		m.rules = append(m.rules, `timing.tls == "0s"`)
	}
	if m.prober.flag("fail_if_not_ssl") {
		m.rules = append(m.rules, `timing.tls > "0s"`)
	}
}

// patterns writes what the body and the headers must match, and must not.
func (m *module) patterns() {
	for _, pattern := range m.prober.texts("fail_if_body_matches_regexp") {
		m.rules = append(m.rules, "not (body matches "+quoted(pattern)+")")
	}
	for _, pattern := range m.prober.texts("fail_if_body_not_matches_regexp") {
		m.rules = append(m.rules, "body matches "+quoted(pattern))
	}
	for _, negative := range []bool{true, false} {
		key := map[bool]string{true: "fail_if_header_matches", false: "fail_if_header_not_matches"}[negative]
		for _, s := range m.prober.subs(key) {
			m.rules = append(m.rules, headerRule(s, negative))
			s.rest(m.template, nil)
		}
	}
}

// headerRule is that a header matches, or does not. One that is missing fails the
// probe, unless it may be.
func headerRule(s *section, negative bool) string {
	name := quoted(strings.ToLower(s.text("header")))
	rule := "headers[" + name + "] matches " + quoted(s.text("regexp"))
	if negative {
		rule = "not (" + rule + ")"
	}
	if s.flag("allow_missing") {
		return "(" + name + " not in headers || " + rule + ")"
	}
	return name + " in headers && " + rule
}

func (m *module) websocket() gap {
	w, p := &draft.Map{}, m.prober
	w.Set("url", draft.Text(each))
	headers, config := &draft.Map{}, p.sub("http_config")
	m.headers(headers, p.sub("headers"))
	m.client(w, headers, config)
	if bearer := w.Part("bearer"); bearer != nil {
		setHeader(headers, "Authorization", "Bearer "+string(bearer.Value.(draft.Text)))
		w.Remove("bearer")
	}
	for _, key := range []string{"basic_auth", "proxy", "follow_redirects"} {
		if w.Part(key) != nil {
			w.Remove(key)
			lose(w, "http_config."+key, "write it as a header")
		}
	}
	config.rest(w, proberWithout)
	setMap(w, "headers", headers)
	m.talk(w, p.subs("query_response"))
	m.template.Set("websocket", w)
	return ""
}

// talk writes what is sent, and what the last message must match. More than one
// answer has no equivalent.
func (m *module) talk(w *draft.Map, steps []*section) {
	var send, expect []string
	for _, s := range steps {
		if text := s.text("expect"); text != "" {
			expect = append(expect, text)
		}
		if text := s.text("send"); text != "" && len(expect) == 0 {
			send = append(send, text)
		} else if text != "" {
			lose(w, "query_response send: "+text, "all is sent before anything is read")
		}
		s.rest(w, nil)
	}
	if len(send) > 0 {
		w.Set("send", draft.Texts(send...))
	}
	for i, pattern := range expect {
		if i > 0 {
			lose(w, "query_response expect: "+pattern, "one message is waited for")
			continue
		}
		m.rules = append(m.rules, "message matches "+quoted(pattern))
	}
}

func (m *module) tcp() gap {
	if !m.prober.flag("tls") {
		m.template.Set("command", connectCommand(eachHost, eachPort))
		return ""
	}
	m.template.Set("command", certificateCommand(eachHost, eachPort,
		!m.prober.sub("tls_config").flag("insecure_skip_verify"), m.opensslFiles(m.prober.sub("tls_config"))...))
	return ""
}

// opensslFiles are the options of openssl s_client for a tls_config.
func (m *module) opensslFiles(s *section) (options []string) {
	s.asked["insecure_skip_verify"] = true
	for _, o := range [][2]string{{"ca_file", "-CAfile"}, {"cert_file", "-cert"}, {"key_file", "-key"}} {
		if file := s.text(o[0]); file != "" {
			options = append(options, o[1], file)
		}
	}
	s.rest(m.template, map[string]string{"server_name": "the target's own name is asked for", "min_version": "", "max_version": ""})
	return options
}

func (m *module) icmp() gap {
	var options []string
	for _, o := range [][2]string{{"payload_size", "-s"}, {"ttl", "-t"}, {"source_ip_address", "-I"}} {
		if text := m.prober.text(o[0]); text != "" {
			options = append(options, o[1], text)
		}
	}
	if m.prober.flag("dont_fragment") {
		options = append(options, "-M", "do")
	}
	if m.prober.text("ip_protocol_fallback") == "false" {
		options = append(options, map[string]string{"ip4": "-4"}[m.prober.text("preferred_ip_protocol")])
		if options[len(options)-1] == "" {
			options[len(options)-1] = "-6"
		}
	}
	m.template.Set("command", pingCommand(each, options...))
	return ""
}

func (m *module) dns() gap {
	p := m.prober
	name := p.text("query_name")
	if name == "" || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "+") {
		return "it has no query_name"
	}
	options := []string{"-p", eachPort}
	if class := p.text("query_class"); class != "" && class != "IN" {
		options = append(options, "-c", class)
	}
	if p.text("transport_protocol") == "tcp" && !p.flag("dns_over_tls") {
		options = append(options, "+tcp")
	}
	if p.flag("dns_over_tls") {
		options = append(options, "+tls")
		m.kind.element = hostAndPort("853")
		lose(m.template, "dns.tls_config", "dig +tls verifies no certificate")
		p.asked["tls_config"] = true
	}
	if p.text("recursion_desired") == "false" {
		options = append(options, "+norecurse")
	}
	m.template.Set("command", digCommand(eachHost, "", name, orElse(p.text("query_type"), "ANY"), options...))
	codes := p.texts("valid_rcodes")
	if len(codes) == 0 {
		codes = []string{"NOERROR"}
	}
	for i := range codes {
		codes[i] = "status: " + regexp.QuoteMeta(codes[i]) + ","
	}
	m.rules = append(m.rules, "exit_code == 0", "stdout matches "+quoted(strings.Join(codes, "|")))
	return ""
}

func (m *module) grpc() gap {
	p := m.prober
	var options []string
	if service := p.text("service"); service != "" {
		options = append(options, "-service="+service)
	}
	if p.flag("tls") {
		options = append(options, "-tls")
		options = append(options, m.grpcFiles(p.sub("tls_config"))...)
	}
	metadata := p.sub("metadata")
	for name := range metadata.each() {
		for _, value := range metadata.texts(name) {
			options = append(options, "-rpc-header="+name+": "+value)
		}
	}
	m.template.Set("command", grpcCommand(each, options...))
	return ""
}

// grpcFiles are the options of grpc_health_probe for a tls_config.
func (m *module) grpcFiles(s *section) (options []string) {
	names := map[string]string{
		"ca_file": "-tls-ca-cert", "cert_file": "-tls-client-cert", "key_file": "-tls-client-key", "server_name": "-tls-server-name",
	}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		if text := s.text(key); text != "" {
			options = append(options, names[key]+"="+text)
		}
	}
	if s.flag("insecure_skip_verify") {
		options = append(options, "-tls-no-verify")
	}
	s.rest(m.template, map[string]string{"min_version": "", "max_version": ""})
	return options
}
