package importer

import (
	"fmt"
	"iter"
	"regexp"
	"strings"
	"time"

	"polyhealth/engine/cli/draft"
	"polyhealth/schema"
)

// A reading is one foreign file being read.
type reading struct {
	*schema.Reader
	spell func(string) string // its texts as ours
}

// A section is a map of a foreign file; its node is nil where the file has none.
type section struct {
	*reading
	node  *schema.Node
	key   string // in the map that it is in
	path  string // such as client.tls
	asked map[string]bool
}

func (r *reading) section(n *schema.Node, path string) *section {
	if n != nil && n.Kind == schema.Null {
		n = nil
	}
	if n != nil && n.Kind != schema.Map {
		r.Errorf(n, "", "%s wants a map here, found a %s", orElse(path, "the file"), n.Kind)
		n = nil
	}
	return &section{reading: r, node: n, path: path, asked: map[string]bool{}}
}

// get is the value of a key, or nil where there is none or nothing in it.
func (s *section) get(key string) *schema.Node {
	s.asked[key] = true
	if n := s.node.Get(key); n != nil && n.Kind != schema.Null {
		return n
	}
	return nil
}

// has is whether a key is there with something in it.
func (s *section) has(key string) bool { return s.get(key) != nil }

// text is a scalar, empty where there is none.
func (s *section) text(key string) string { return s.scalar(s.get(key), key) }

func (s *section) scalar(n *schema.Node, key string) string {
	switch {
	case n == nil:
	case n.Kind == schema.List || n.Kind == schema.Map:
		s.Errorf(n, "", "%s wants a single value, found a %s", key, n.Kind)
	case n.Kind != schema.Null:
		return s.spell(n.Value)
	}
	return ""
}

// texts is a list of scalars, or the one that stands for it.
func (s *section) texts(key string) (texts []string) {
	n := s.get(key)
	if n != nil && n.Kind == schema.List {
		for _, item := range n.Items {
			texts = append(texts, s.scalar(item, key))
		}
		return texts
	}
	if one := s.scalar(n, key); one != "" {
		texts = []string{one}
	}
	return texts
}

// flag is a truth, false where there is none.
func (s *section) flag(key string) bool { return s.text(key) == "true" }

// wholePattern is a whole number, or a variable that stands for one.
var wholePattern = regexp.MustCompile(`^(-?[0-9]{1,18}|\$\{[^{}]*\})$`)

// duration is a time span, as our file writes it.
func (s *section) duration(key string) draft.Plain {
	text := s.text(key)
	if text == "" || strings.Contains(text, "${") {
		return draft.Plain(text)
	}
	d, err := parseDuration(text)
	if err != nil {
		s.Errorf(s.get(key), "", "%s wants a duration, found %q", key, text)
		return ""
	}
	if d <= 0 {
		return "" // the default
	}
	return draft.Plain(schema.Duration(d).String())
}

var longUnits = regexp.MustCompile(`^(?:(\d{1,4})y)?(?:(\d{1,5})w)?(?:(\d{1,6})d)?(.*)$`)

// parseDuration reads a duration of Go, or one of Prometheus, with days.
func parseDuration(text string) (time.Duration, error) {
	m := longUnits.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is no duration", text)
	}
	var days, n time.Duration
	for i, each := range []time.Duration{365, 7, 1} {
		if _, err := fmt.Sscan(m[i+1], &n); err == nil {
			days += n * each
		}
	}
	const most = 100_000 // days, with room to the limit of durations
	if days > most {
		return 0, fmt.Errorf("%q is too long", text)
	}
	if days > 0 && m[4] == "" || m[4] == "0" {
		return days * 24 * time.Hour, nil
	}
	rest, err := time.ParseDuration(m[4])
	return days*24*time.Hour + rest, err
}

// sub is the section at a key.
func (s *section) sub(key string) *section {
	path := key
	if s.path != "" {
		path = s.path + "." + key
	}
	sub := s.section(s.get(key), path)
	sub.key = key
	return sub
}

// subs are the sections of a list. Each has no path of its own.
func (s *section) subs(key string) (subs []*section) {
	n := s.get(key)
	switch {
	case n == nil:
	case n.Kind != schema.List:
		s.Errorf(n, "", "%s wants a list, found a %s", key, n.Kind)
	default:
		for _, item := range n.Items {
			subs = append(subs, s.section(item, ""))
		}
	}
	return subs
}

// each goes through the keys of a map that are names.
func (s *section) each() iter.Seq2[string, *schema.Node] {
	return func(yield func(string, *schema.Node) bool) {
		if s.node == nil {
			return
		}
		for _, e := range s.node.Entries {
			s.asked[e.Key.Value] = true
			if !yield(e.Key.Value, e.Value) {
				return
			}
		}
	}
}

// entries are the sections of a map whose keys are names.
func (s *section) entries() (subs []*section) {
	for name := range s.each() {
		subs = append(subs, s.sub(name))
	}
	return subs
}

// pairs are the texts of a map, such as headers.
func (s *section) pairs(key string) *draft.Map {
	in, m := s.sub(key), &draft.Map{}
	for name := range in.each() {
		setHeader(m, name, in.text(name))
	}
	return m
}

// setHeader sets a text that may be a secret, as its name tells.
func setHeader(m *draft.Map, name, text string) {
	if p := m.Set(name, draft.Text(text)); isSecret(name) {
		warn(p)
	}
}

// lose says in m that something has no equivalent, and why.
func lose(m *draft.Map, what, why string) {
	if why != "" {
		what += ": " + why
	}
	m.Comment("%s: %s", lost, what)
}

// rest says in m of every key that was not asked for that it is not imported: with
// the reason that without has for it, or that nobody knows the key.
func (s *section) rest(m *draft.Map, without map[string]string) {
	if s.node == nil {
		return
	}
	for _, e := range s.node.Entries {
		key := e.Key.Value
		if s.asked[key] || strings.HasPrefix(key, "x-") { // where anchors are kept
			continue
		}
		why, known := without[key]
		if !known {
			why = "no such key is known"
		}
		what := key
		if s.path != "" {
			what = s.path + "." + key
		}
		if value := e.Value; value.Kind != schema.List && value.Kind != schema.Map && !isSecret(key) && len(value.Value) < 60 {
			what += ": " + strings.Join(strings.Fields(printable(s.spell(value.Value))), " ")
			if why != "" {
				what, why = what+" ("+why+")", ""
			}
		}
		lose(m, what, why)
	}
}

var secretKey = regexp.MustCompile(`(?i)pass|token|secret|key|credential|auth|cookie|webhook`)

func isSecret(key string) bool { return secretKey.MatchString(key) }

// secret sets a text that nobody should see, with the advice to keep it elsewhere
// where it stands in the file.
func secret(m *draft.Map, key, text string) {
	if text != "" {
		warn(m.Set(key, draft.Text(text)))
	}
}

// warn gives the advice where it is due.
func warn(p *draft.Part) {
	if text, ok := p.Value.(draft.Text); ok && text != "" && !strings.Contains(string(text), "${") {
		p.Note("a secret that stands in the file: ${NAME} or ${file:/path} would keep it out")
	}
}

// set sets a text where there is one.
func set(m *draft.Map, key, text string) {
	if text != "" {
		m.Set(key, draft.Text(text))
	}
}

// setPlain sets a value that is not quoted where there is one.
func setPlain(m *draft.Map, key string, value draft.Plain) {
	if value != "" {
		m.Set(key, value)
	}
}

// setMap sets a map that holds anything.
func setMap(m *draft.Map, key string, in *draft.Map) {
	if len(in.Live()) > 0 {
		m.Set(key, in)
	}
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
