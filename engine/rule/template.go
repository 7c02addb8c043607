package rule

import (
	"slices"
	"strings"
)

// maxRendered bounds a rendered text, in bytes.
const maxRendered = 4 << 10

// A Template is a text with expressions in it: "{{ count }} rows in {{ latency }}".
// It is never changed, and may be rendered on several machines at once.
type Template struct {
	parts  []part
	doubts []Mistake
}

// A part is a piece of text, or where it has a program, what that finds.
type part struct {
	text    string
	program *Program
}

// Template compiles a text in which {{ and }} enclose expressions. A {{ that is
// meant is written {{ "{{" }}. It returns either a template or mistakes.
func (s *Scope) Template(src string) (*Template, []Mistake) {
	if len(src) > maxSource {
		return nil, []Mistake{mistakeAt(span{0, 1}, "", "this is too long: %d bytes, where at most %d fit", len(src), maxSource)}
	}
	t := &Template{}
	var mistakes []Mistake
	for at := 0; at < len(src); {
		open := strings.Index(src[at:], "{{")
		if open < 0 {
			t.add(src[at:], nil)
			break
		}
		open += at
		t.add(src[at:open], nil)
		end, closed := expressionEnd(src[open+2:])
		if end < 0 {
			mistakes = append(mistakes, mistakeAt(span{open, open + 2},
				`write }} behind the expression; a {{ that is meant is written {{ "{{" }}`, "this {{ is never closed with }}"))
			break
		}
		end += open + 2
		if !closed {
			mistakes = append(mistakes, mistakeAt(span{end, end + 1}, "write }}", "a {{ is closed with }}, not with one }"))
			at = end + 1
			continue
		}
		p, ms := s.embedded(src, open+2, end)
		mistakes = append(mistakes, ms...)
		if t.add("", p); p != nil {
			t.doubts = append(t.doubts, moved(p.Warnings(), open+2)...)
		}
		at = end + 2
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return t, nil
}

func (t *Template) add(text string, p *Program) {
	if text != "" || p != nil {
		t.parts = append(t.parts, part{text, p})
	}
}

// embedded compiles what stands between two offsets.
func (s *Scope) embedded(src string, from, to int) (*Program, []Mistake) {
	if strings.TrimSpace(src[from:to]) == "" {
		return nil, []Mistake{mistakeAt(span{from - 2, to + 2}, "", "there is nothing between {{ and }}")}
	}
	p, ms := s.Value(src[from:to])
	return p, moved(ms, from)
}

// moved are mistakes of a text that begins at an offset.
func moved(ms []Mistake, by int) []Mistake {
	for i := range ms {
		ms[i].Offset += by
	}
	return ms
}

// Warnings are those of the template's expressions.
func (t *Template) Warnings() []Mistake { return slices.Clone(t.doubts) }

// expressionEnd is where the }} stands that ends an expression: not one within a
// string or after a brace of the expression's own. -1 where there is none; where one
// } comes first that closes nothing, that is the end, and not a good one.
func expressionEnd(s string) (at int, closed bool) {
	depth := 0
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '"' || c == '\'' || c == '`':
			n := stringEnd(s[i:])
			if n == 0 { // let the expression's own mistake be shown
				return strings.Index(s, "}}"), true
			}
			i += n
			continue
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		case c == '}':
			return i, strings.HasPrefix(s[i:], "}}")
		}
		i++
	}
	return strings.Index(s, "}}"), true
}

func (t *Template) programs() (all []*Program) {
	if t == nil {
		return nil
	}
	for _, p := range t.parts {
		if p.program != nil {
			all = append(all, p.program)
		}
	}
	return all
}

// Uses reports whether an expression of the template reads the top-level variable
// name.
func (t *Template) Uses(name string) bool {
	for _, p := range t.parts {
		if p.program != nil && p.program.Uses(name) {
			return true
		}
	}
	return false
}

// Render fills in the values, and cuts the text where it is longer than 4 KiB. It
// is valid UTF-8. The error is that of the first expression that fails.
func (t *Template) Render(m *VM, env any) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.program == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := p.program.Eval(m, env)
		if err != nil {
			return "", err
		}
		b.WriteString(shorten(formatValue(v), maxRendered))
	}
	return shorten(strings.ToValidUTF8(b.String(), "\uFFFD"), maxRendered), nil
}
