package importer

import (
	"bytes"
	"encoding/json"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"

	"polyhealth/engine/cli/draft"
)

// An endpoint is one of Gatus becoming a check.
type endpoint struct {
	*section
	g      *gatus
	check  *draft.Map
	url    string
	client *section
	alerts []alert
}

// endpointKinds are what Gatus knows endpoints by: the beginning of their URL.
var endpointKinds = []struct {
	prefix string
	make   func(*endpoint, string) (vocabulary, gap)
}{
	{"http://", (*endpoint).http}, {"https://", (*endpoint).http},
	{"ws://", (*endpoint).websocket}, {"wss://", (*endpoint).websocket},
	{"tcp://", (*endpoint).tcp}, {"icmp://", (*endpoint).icmp},
	{"tls://", (*endpoint).tls}, {"starttls://", (*endpoint).starttls},
	{"ssh://", (*endpoint).ssh}, {"grpc://", (*endpoint).grpc}, {"grpcs://", (*endpoint).grpcs},
	{"udp://", (*endpoint).nothing}, {"sctp://", (*endpoint).nothing},
	{"${", (*endpoint).http},
}

var endpointWithout = map[string]string{
	"ui": "the dashboard has no such settings", "maintenance-windows": "write it as maintenance:, with a cron line as schedule",
	"store": "there are no suites", "always-run": "there are no suites", "graphql": "it is for http only",
	"method": "it is for http only", "headers": "it is for http and websocket only", "ssh": "", "dns": "",
	"body": "it is not sent",
}

func (g *gatus) endpoint(s *section) {
	e := &endpoint{section: s, g: g, check: &draft.Map{}, url: s.text("url"), client: s.sub("client"), alerts: g.readAlerts(s)}
	name := g.name(s)
	e.describe()
	e.labels()
	if e.text("enabled") == "false" {
		e.check.Set("enabled", draft.Plain("false"))
	}
	setPlain(e.check, "interval", s.duration("interval"))
	setPlain(e.check, "timeout", e.client.duration("timeout"))
	words, why := e.ask()
	if why != "" {
		lose(g.checks, "endpoint "+name+" ("+printable(s.text("url"))+")", string(why))
		g.items = append(g.items, nil)
		return
	}
	shorten(e.check, "http")
	shorten(e.check, "websocket")
	e.rules(words)
	e.notify()
	e.client.rest(e.check, clientWithout)
	s.rest(e.check, endpointWithout)
	g.items = append(g.items, g.checks.Set(name, e.check))
}

// ask writes what the check asks.
func (e *endpoint) ask() (vocabulary, gap) {
	if dns := e.sub("dns"); dns.node != nil {
		return e.dns(dns)
	}
	for _, kind := range endpointKinds {
		if rest, ok := strings.CutPrefix(e.url, kind.prefix); ok {
			return kind.make(e, rest)
		}
	}
	return vocabulary{}, "no such kind of URL is known"
}

func (e *endpoint) nothing(string) (vocabulary, gap) {
	return vocabulary{}, "no check type and no common program asks that"
}

func (e *endpoint) labels() {
	var tags []string
	if group := e.text("group"); group != "" {
		tags = append(tags, group)
	}
	for _, p := range e.pairs("extra-labels").Live() {
		tags = append(tags, p.Key+"="+string(p.Value.(draft.Text)))
	}
	if len(tags) > 0 {
		e.check.Set("tags", draft.Texts(tags...))
	}
}

// rules writes what makes the check healthy: all conditions together.
func (e *endpoint) rules(words vocabulary) {
	in, rules, gaps := &draft.Map{}, []string(nil), [][2]string(nil)
	for _, condition := range e.texts("conditions") {
		rule, why := words.rule(condition)
		if why != "" {
			gaps = append(gaps, [2]string{condition, string(why)})
		} else if !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	if words.always != "" && !strings.Contains(strings.Join(rules, " "), "exit_code") {
		rules = append([]string{words.always}, rules...)
	}
	if len(rules) == 0 {
		in = e.check // comments alone are no rules
	}
	for _, gap := range gaps {
		lose(in, gap[0], gap[1])
	}
	if len(rules) == 0 {
		e.check.Comment("no rule is left, and so the type decides what is healthy")
		return
	}
	in.Set("healthy", all(rules))
	e.check.Set("rules", in)
}

var clientWithout = map[string]string{
	"dns-resolver": "the machine's resolver is asked", "oauth2": "there is no OAuth 2", "tunnel": "there are no SSH tunnels",
	"identity-aware-proxy": "there is no sign-in to it", "store-cookies": "each probe stands alone",
	"network": "it is for icmp only", "insecure": "nothing is encrypted here", "ignore-redirect": "it is for http only",
	"proxy-url": "it is for http only", "tls": "it is for http and websocket only",
}

// address writes the url.
func (e *endpoint) address(m *draft.Map) {
	if p := m.Set("url", draft.Text(e.url)); userPattern.MatchString(e.url) {
		warn(p)
	}
}

// web writes the other keys that http and websocket have in common.
func (e *endpoint) web(m *draft.Map) {
	setMap(m, "headers", e.pairs("headers"))
	tls, from := &draft.Map{}, e.client.sub("tls")
	if e.client.flag("insecure") {
		tls.Set("insecure_skip_verify", draft.Plain("true"))
	}
	set(tls, "cert", from.text("certificate-file"))
	set(tls, "key", from.text("private-key-file"))
	from.rest(m, map[string]string{"renegotiation": "it is never accepted"})
	setMap(m, "tls", tls)
}

// shorten writes a type's key that says nothing but the url in its short form.
func shorten(check *draft.Map, key string) {
	if p := check.Part(key); p != nil {
		if url := p.Value.(*draft.Map).Only("url"); url != nil {
			p.Value = url
		}
	}
}

// userPattern is a URL with a password in it.
var userPattern = regexp.MustCompile(`^[a-z]+://[^/@]*:[^/@]+@`)

func (e *endpoint) http(string) (vocabulary, gap) {
	m := e.check.In("http")
	if strings.HasPrefix(e.url, "${") {
		m.Comment("taken for http, as the file does not tell")
	}
	e.address(m)
	if method := e.text("method"); method != "GET" {
		set(m, "method", method)
	}
	e.web(m)
	set(m, "body", e.body(m))
	if e.client.flag("ignore-redirect") {
		m.Set("follow_redirects", draft.Plain("false"))
	}
	set(m, "proxy", e.client.text("proxy-url"))
	return vocabulary{json: "json", terms: map[string]term{
		"STATUS": {number, "status", ""}, "RESPONSE_TIME": {span, "latency", ""},
		"CERTIFICATE_EXPIRATION": {span, "cert_expires_in", ""},
		"BODY":                   {word, "trim(body)", ""}, "CONNECTED": {truth, "status > 0", ""},
	}, exact: map[string]string{"[CONNECTED] == false": `error != ""`}}, ""
}

var randomPattern = regexp.MustCompile(`\[RANDOM_STRING_\d+\]|\[LOCAL_ADDRESS\]`)

// body is what is sent.
func (e *endpoint) body(m *draft.Map) string {
	body := strings.NewReplacer("[ENDPOINT_NAME]", e.text("name"), "[ENDPOINT_GROUP]", e.text("group"), "[ENDPOINT_URL]", e.url).
		Replace(e.text("body"))
	if found := randomPattern.FindString(body); found != "" {
		lose(m, found+" in the body", "it is sent as it is")
	}
	if !e.flag("graphql") {
		return body
	}
	headers := m.In("headers")
	if !slices.ContainsFunc(headers.Live(), func(p *draft.Part) bool { return strings.EqualFold(p.Key, "Content-Type") }) {
		headers.Set("Content-Type", draft.Text("application/json"))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(map[string]string{"query": body}) // texts can be encoded
	return strings.TrimSuffix(out.String(), "\n")
}

func (e *endpoint) websocket(string) (vocabulary, gap) {
	m := e.check.In("websocket")
	e.address(m)
	e.web(m)
	set(m, "send", e.body(m))
	return vocabulary{json: "json", terms: map[string]term{
		"RESPONSE_TIME": {span, "latency", ""}, "BODY": {word, "trim(message)", ""}, "CONNECTED": {truth, "connected", ""},
	}, exact: map[string]string{"[CONNECTED] == false": `error != ""`}}, ""
}

// program writes a check that a program makes.
func (e *endpoint) program(argv draft.List, more map[string]term) (vocabulary, gap) {
	e.check.Set("command", argv)
	terms := map[string]term{"RESPONSE_TIME": {span, "latency", ""}, "CONNECTED": {truth, "exit_code == 0", ""}}
	maps.Copy(terms, more)
	return vocabulary{terms: terms, always: "exit_code == 0"}, ""
}

func (e *endpoint) tcp(address string) (vocabulary, gap) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return vocabulary{}, "it names no host and port"
	}
	return e.program(connectCommand(host, port), nil)
}

func (e *endpoint) icmp(host string) (vocabulary, gap) {
	var options []string
	switch e.client.text("network") {
	case "ip4":
		options = []string{"-4"}
	case "ip6":
		options = []string{"-6"}
	}
	if host == "" || strings.HasPrefix(host, "-") {
		return vocabulary{}, "it names no host"
	}
	return e.program(pingCommand(host, options...), nil)
}

func (e *endpoint) tls(address string) (vocabulary, gap) { return e.certificate(address) }
func (e *endpoint) starttls(address string) (vocabulary, gap) {
	return e.certificate(address, "-starttls", "smtp")
}

func (e *endpoint) certificate(address string, options ...string) (vocabulary, gap) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return vocabulary{}, "it names no host and port"
	}
	return e.program(certificateCommand(host, port, !e.client.flag("insecure"), options...),
		map[string]term{"CERTIFICATE_EXPIRATION": {span, certificateLeft, ""}})
}

func (e *endpoint) ssh(address string) (vocabulary, gap) {
	login := e.sub("ssh")
	if login.text("username")+login.text("password")+login.text("private-key") != "" {
		return vocabulary{}, "to log in and run a command needs a key and a known host; see ssh in a command check"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, "22"
	}
	if host == "" || strings.HasPrefix(host, "-") {
		return vocabulary{}, "it names no host"
	}
	return e.program(keyscanCommand(host, port), map[string]term{"STATUS": {number, "exit_code", ""}})
}

func (e *endpoint) grpc(address string) (vocabulary, gap) { return e.health(address) }

func (e *endpoint) grpcs(address string) (vocabulary, gap) {
	if e.client.flag("insecure") {
		return e.health(address, "-tls", "-tls-no-verify")
	}
	return e.health(address, "-tls")
}

func (e *endpoint) health(address string, options ...string) (vocabulary, gap) {
	words, why := e.program(grpcCommand(address, options...), map[string]term{"CONNECTED": {truth, "exit_code in [0, 4]", ""}})
	words.exact = map[string]string{
		"[BODY].status == SERVING": "exit_code == 0", "[BODY].status == NOT_SERVING": "exit_code == 4",
	}
	return words, why
}

// dns asks a name server, which is what the URL names.
func (e *endpoint) dns(dns *section) (vocabulary, gap) {
	host, port, err := net.SplitHostPort(e.url)
	if err != nil {
		host, port = e.url, ""
	}
	name, kind := dns.text("query-name"), orElse(dns.text("query-type"), "A")
	dns.rest(e.check, nil)
	if host == "" || name == "" || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "+") {
		return vocabulary{}, "it names no server and no name to ask for"
	}
	if kind == "PTR" && net.ParseIP(name) != nil {
		return e.dig(digCommand(host, port, "-x", name))
	}
	return e.dig(digCommand(host, port, name, kind))
}

func (e *endpoint) dig(argv draft.List) (vocabulary, gap) {
	return e.program(argv, map[string]term{
		"DNS_RCODE": {listed, "status: %s,", ""}, "BODY": {listed, `(?m)\s%s$`, ""},
	})
}
