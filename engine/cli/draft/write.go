package draft

import (
	"slices"
	"strings"
)

// maxLine is how long a list on one line may make it.
const maxLine = 100

// Write returns the file, and for each of its lines the entries that it belongs to,
// the outermost first.
func (m *Map) Write() (text string, within [][]*Part) {
	w := &writer{}
	w.entries(m, 0)
	return w.text.String(), w.within
}

type writer struct {
	text   strings.Builder
	within [][]*Part
	stack  []*Part
	off    int // the depth from which on all is a comment, or 0
}

// line writes one line, at a depth.
func (w *writer) line(depth int, text string) {
	indent := strings.Repeat("  ", depth)
	if w.off > 0 {
		outer := strings.Repeat("  ", w.off-1)
		indent = outer + "# " + strings.TrimPrefix(indent, outer)
	}
	w.text.WriteString(strings.TrimRight(indent+text, " ") + "\n")
	w.within = append(w.within, slices.Clone(w.stack))
}

func (w *writer) entries(m *Map, depth int) {
	for i, p := range m.parts {
		if i > 0 && w.off == 0 && apart(m.parts[i-1], p, depth) {
			w.text.WriteString("\n")
			w.within = append(w.within, nil)
		}
		for _, note := range p.notes {
			w.comment(depth, note)
		}
		if p.Key != "" {
			w.entry(p, depth)
		}
	}
}

// apart is whether an empty line stands between two parts.
func apart(before, p *Part, depth int) bool {
	if depth == 0 {
		return before.Key != "" || p.Key != ""
	}
	return depth == 1 && (p.long() || p.Key == "" && before.long())
}

// long is whether an entry takes lines of its own.
func (p *Part) long() bool {
	m, ok := p.Value.(*Map)
	return ok && !m.Flow
}

func (w *writer) comment(depth int, note string) {
	for line := range strings.SplitSeq(strings.TrimRight(note, "\n"), "\n") {
		w.line(depth, strings.TrimRight("# "+printable(line), " "))
	}
}

func (w *writer) entry(p *Part, depth int) {
	w.stack = append(w.stack, p)
	outer := w.off
	if p.Off && w.off == 0 {
		w.off = depth + 1
	}
	w.value(depth, scalar(p.Key, true)+":", p.Value)
	w.off = outer
	w.stack = w.stack[:len(w.stack)-1]
}

// value writes what stands behind a lead, which is a key or a dash.
func (w *writer) value(depth int, lead string, v Value) {
	if text, ok := inline(v, maxLine-2*depth-len(lead)); ok {
		w.line(depth, lead+" "+text)
		return
	}
	switch v := v.(type) {
	case Text:
		header, lines := block(string(v))
		w.line(depth, lead+" "+header)
		for _, line := range lines {
			w.line(depth+1, line)
		}
	case List:
		w.line(depth, lead)
		for _, item := range v {
			w.value(depth+1, "-", item)
		}
	case *Map:
		if len(v.Live()) == 0 { // comments alone would read as null
			lead += " {}"
		}
		w.line(depth, lead)
		w.entries(v, depth+1)
	}
}

// inline is a value on one line, where it fits.
func inline(v Value, room int) (string, bool) {
	switch v := v.(type) {
	case Plain:
		return v.String(), true
	case Text:
		_, lines := block(string(v))
		return scalar(string(v), false), lines == nil
	case List:
		parts := make([]string, len(v))
		length := 0
		for i, item := range v {
			switch item := item.(type) {
			case Plain:
				parts[i] = item.String()
			case Text:
				parts[i] = scalar(string(item), true)
			default:
				return "", false
			}
			length += len(parts[i]) + 2
		}
		return "[" + strings.Join(parts, ", ") + "]", length <= room || len(v) == 0
	case *Map:
		if v.Flow || len(v.Live()) == 0 && len(v.parts) == 0 {
			return flow(v), true
		}
	}
	return "", false
}

func flow(m *Map) string {
	parts := make([]string, len(m.parts))
	for i, p := range m.parts {
		value := ""
		switch v := p.Value.(type) {
		case Text:
			value = scalar(string(v), true)
		case Plain:
			value = v.String()
		}
		parts[i] = scalar(p.Key, true) + ": " + value
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
