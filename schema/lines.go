package schema

import (
	"strings"
	"unicode/utf8"
)

// lineScan looks at the quotes and brackets of one line, as far as they can be
// told without the lines around it.
type lineScan struct {
	line   string
	i      int // in bytes
	open   []bracket
	closed bool // a list or map was closed that began in this line

	at         int // of the fault, in bytes; -1 for none
	text, hint string
}

// bracket is a [ or { that is open.
type bracket struct {
	kind   byte
	at     int
	colons int // in it since the last comma
}

// lineFault finds what is wrong with the quotes and brackets of a line, and its
// column, from 1; 0 where nothing is.
func lineFault(line string) (column int, text, hint string) {
	s := &lineScan{line: line, at: -1}
	for s.i < len(line) && s.at < 0 && !s.comment() {
		s.step()
	}
	if s.at < 0 && len(s.open) > 0 {
		s.unclosed()
	}
	if s.at < 0 {
		return 0, "", ""
	}
	return utf8.RuneCountInString(line[:s.at]) + 1, s.text, s.hint
}

func (s *lineScan) fault(at int, text, hint string) { s.at, s.text, s.hint = at, text, hint }

// follows reports whether the character before is one of some; the line's
// beginning counts as a space.
func (s *lineScan) follows(any string) bool {
	if s.i == 0 {
		return strings.Contains(any, " ")
	}
	return strings.IndexByte(any, s.line[s.i-1]) >= 0
}

func (s *lineScan) comment() bool { return s.line[s.i] == '#' && s.follows(" \t") }

func (s *lineScan) top() *bracket { return &s.open[len(s.open)-1] }

func (s *lineScan) step() {
	c := s.line[s.i]
	inside := len(s.open) > 0
	switch {
	case (c == '"' || c == '\'') && s.follows(" \t[{,"):
		s.quoted(c)
		return
	case (c == '[' || c == '{') && inside && s.follows("$"):
		s.fault(s.i-1, "${…} within [ ] or { } must be in quotes", `write "${…}"`)
	case (c == '[' || c == '{') && (inside || s.follows(" ")):
		s.open = append(s.open, bracket{kind: c, at: s.i})
	case (c == ']' || c == '}') && inside:
		if c != s.top().kind+2 { // as ASCII has them
			s.unclosed()
			return
		}
		s.open = s.open[:len(s.open)-1]
		s.closed = len(s.open) == 0
	case (c == ']' || c == '}') && s.closed:
		s.fault(s.i, "this bracket closes nothing", "take it out")
	case !inside:
	case c == ',':
		s.top().colons = 0
	case c == '?':
		s.fault(s.i, "text within [ ] or { } that holds ? must be in quotes", inQuotes)
	case c == ':' && (s.i+1 == len(s.line) || s.line[s.i+1] == ' '):
		if s.top().colons++; s.top().colons > 1 {
			s.fault(s.i, "a second colon, and no comma before it", `separate the parts by commas, or put text that holds ": " in quotes`)
		}
	}
	s.i++
}

func (s *lineScan) unclosed() {
	b := s.top()
	if b.kind == '[' {
		s.fault(b.at, "the list that is opened here is not closed", "close it with ], or put the text in quotes")
	} else {
		s.fault(b.at, "the map that is opened here is not closed", "close it with }, or put the text in quotes")
	}
}

// quoted steps over text in quotes, and looks at what comes behind it.
func (s *lineScan) quoted(quote byte) {
	from := s.i
	for s.i++; s.i < len(s.line); s.i++ {
		switch {
		case s.line[s.i] == '\\' && quote == '"':
			s.i++
			continue
		case s.line[s.i] != quote:
			continue
		case quote == '\'' && strings.HasPrefix(s.line[s.i:], "''"):
			s.i++
			continue
		}
		s.i++
		rest := strings.TrimLeft(s.line[s.i:], " \t")
		if rest != "" && strings.IndexByte(",]}:#", rest[0]) < 0 {
			s.fault(from, "more follows the closing quote", "put all of the text in quotes of the other kind, or double a quote that is part of it")
		}
		return
	}
	s.fault(from, "the quote that is opened here is not closed", "close it")
}
