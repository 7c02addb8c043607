// Package draft writes the first version of a file for a person to go on with: its
// keys in the order of whoever makes it, with comments right where they belong, and
// with what does not hold as a comment too.
package draft

import (
	"fmt"
	"slices"
	"strings"
)

// A Map is a map being written. Its zero value is empty.
type Map struct {
	parts []*Part
	byKey map[string]*Part
	tried map[string]int // see Free
	Flow  bool           // on one line, in braces; then it holds scalars only
}

// A Part is an entry of a map with the comments above it, or just comments.
type Part struct {
	Key   string // empty where these are just comments
	Value Value
	Off   bool // the entry is a comment itself
	notes []string
}

// A Value is a Text, a Plain, a List or a *Map.
type Value interface{ isValue() }

// Text is a text as the file spells it, where ${NAME} stands for a variable and $$
// for a dollar sign. It is quoted where it has to be.
type Text string

// Plain is a number, a bool, a duration, or a variable that stands for one: it is not
// quoted.
type Plain string

// List is a list of texts and plain values. It stands on one line where that is short.
type List []Value

func (Text) isValue()  {}
func (Plain) isValue() {}
func (List) isValue()  {}
func (*Map) isValue()  {}

// Texts is a list of texts.
func Texts(texts ...string) List {
	l := make(List, len(texts))
	for i, t := range texts {
		l[i] = Text(t)
	}
	return l
}

// Number is a number.
func Number(n int) Plain { return Plain(fmt.Sprint(n)) }

// Set adds an entry, or replaces the value of the one that is there.
func (m *Map) Set(key string, value Value) *Part {
	if p := m.Part(key); p != nil {
		p.Value = value
		return p
	}
	p := &Part{Key: key, Value: value}
	m.parts = append(m.parts, p)
	if m.byKey == nil {
		m.byKey = map[string]*Part{}
	}
	m.byKey[key] = p
	return p
}

// Free is a key that is not there yet: the one given, or that and a number.
func (m *Map) Free(key string) string {
	if m.byKey[key] == nil {
		return key
	}
	if m.tried == nil {
		m.tried = map[string]int{}
	}
	for n := max(m.tried[key], 1) + 1; ; n++ {
		if free := fmt.Sprintf("%s-%d", key, n); m.byKey[free] == nil {
			m.tried[key] = n
			return free
		}
	}
}

// In is the map at a key, which is added where it is not there.
func (m *Map) In(key string) *Map {
	if p := m.Part(key); p != nil {
		return p.Value.(*Map)
	}
	in := &Map{}
	m.Set(key, in)
	return in
}

// Remove takes an entry out.
func (m *Map) Remove(key string) {
	m.parts = slices.DeleteFunc(m.parts, func(p *Part) bool { return p.Key == key && key != "" })
	delete(m.byKey, key)
}

// Comment adds a comment that stands by itself.
func (m *Map) Comment(format string, args ...any) {
	m.parts = append(m.parts, (&Part{}).Note(format, args...))
}

// Note adds a comment above an entry.
func (p *Part) Note(format string, args ...any) *Part {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
	return p
}

// Part is the entry with a key, or nil.
func (m *Map) Part(key string) *Part { return m.byKey[key] }

// Only is the value of a key where the map holds nothing else, no comment either,
// else nil.
func (m *Map) Only(key string) Value {
	if len(m.parts) == 1 && m.parts[0].Key == key && len(m.parts[0].notes) == 0 {
		return m.parts[0].Value
	}
	return nil
}

// Notes are the comments of an entry, and of all that is in it.
func (p *Part) Notes() []string {
	notes := slices.Clone(p.notes)
	if m, ok := p.Value.(*Map); ok {
		for _, in := range m.parts {
			notes = append(notes, in.Notes()...)
		}
	}
	return notes
}

// Live are the entries that are no comments.
func (m *Map) Live() (live []*Part) {
	for _, p := range m.parts {
		if p.Key != "" && !p.Off {
			live = append(live, p)
		}
	}
	return live
}

// Escape spells a text in which a dollar sign is just that.
func Escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteByte(text[i])
		if text[i] == '$' && i+1 < len(text) && strings.IndexByte("${", text[i+1]) >= 0 {
			b.WriteByte('$')
		}
	}
	return b.String()
}
