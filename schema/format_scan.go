package schema

import "strings"

// tokenKind is what a token is: the character that it is or begins with, or one of
// the names below.
type tokenKind byte

const (
	scalarToken    tokenKind = 'a' // plain or in quotes
	headerToken    tokenKind = '|' // of a block scalar: | or > and what modifies it
	bodyToken      tokenKind = '_' // the lines of a block scalar
	commentToken   tokenKind = '#'
	markerToken    tokenKind = '.' // --- or ...
	directiveToken tokenKind = '%' // a whole line
)

// A token is a part of a file that has a meaning of its own. What stands between
// two of them is layout.
type token struct {
	kind   tokenKind
	breaks uint8 // line breaks before it: 0, 1, or 2 for more
	entry  bool  // it begins an entry of its block: a key, or - ? and the : of a ?
	opens  bool  // it is the first of its block
	lines  bool  // it is a scalar of several lines
	ragged bool  // it is a body that the end of the file cuts off
	step   uint8 // of a body: how much further right than its block it is
	block  int32 // the innermost block that it is in
	column int32 // where it stands in its line, from 0, in bytes; of a body, its indentation
	from   int32 // in the text
	to     int32
}

// A blockScope is a block map or list: one that indentation tells, not brackets.
type blockScope struct {
	parent int32
	source int32 // the column of its entries, from 0
	column int32 // and that when it is printed
	list   bool
	flush  bool // a list no further right than the key that it belongs to
}

// scanner cuts a file's text, which is YAML, into tokens, as the library does.
type scanner struct {
	*source
	at     int // in the text
	line   int // that at is in, from 0
	tokens []token
	blocks []blockScope
	inner  int32 // the innermost block
	flow   int   // brackets that are open
	fresh  bool  // a key may begin here
	key    int   // the token that is a key if a : follows in its line, or -1
}

func scanned(src *source) *scanner {
	s := &scanner{source: src, fresh: true, key: -1}
	s.tokens = make([]token, 0, len(src.text)/8)
	s.blocks = []blockScope{{source: -1, column: -indentStep}} // around the file's own
	for s.skip(); s.at < len(s.text); s.skip() {
		s.token()
	}
	return s
}

// skip moves over white space.
func (s *scanner) skip() { s.at += whiteLen(s.text[s.at:]) }

// whiteAt is the length of the white space character at i, or 0.
func whiteAt(text string, i int) int {
	if text[i] == ' ' || text[i] == '\t' {
		return 1
	}
	return breakAt(text, i)
}

// gapAt reports whether white space or the end of the text is at i.
func (s *scanner) gapAt(i int) bool { return i >= len(s.text) || whiteAt(s.text, i) > 0 }

// column is that of a place in the text no further back than the last that was
// asked for.
func (s *scanner) column(at int) int {
	for s.line+1 < len(s.starts) && int(s.starts[s.line+1]) <= at {
		s.line++
	}
	return at - int(s.starts[s.line])
}

// token reads one token.
func (s *scanner) token() {
	line := s.line
	column := s.column(s.at)
	t := token{breaks: uint8(min(s.line-line, 2)), column: int32(column), from: int32(s.at)}
	if len(s.tokens) == 0 {
		t.breaks = 1
	}
	if t.breaks > 0 && s.flow == 0 {
		s.fresh, s.key = true, -1
	}
	c := s.text[s.at]
	alone := s.gapAt(s.at + 1) // as an indicator must be, outside of brackets
	marker := column == 0 && s.marker(s.at)
	switch {
	case marker:
		s.leave(-1, false)
		s.fresh = false
	case s.flow == 0 && c != '#':
		s.leave(column, c == '-' && alone || c == '|' || c == '>')
	}
	t.block = s.inner
	switch {
	case marker:
		s.take(t, markerToken, s.at+len("---"))
	case c == '#':
		s.take(t, commentToken, s.lineEnd(s.at))
	case c == '%' && column == 0:
		s.take(t, directiveToken, s.lineEnd(s.at))
	case strings.IndexByte("[]{},", c) >= 0:
		s.bracket(t, c)
	case (c == '-' || c == '?' || c == ':') && (alone || s.flow > 0 && c != '-'):
		s.indicator(t, c)
	case c == '*' || c == '&' || c == '!':
		s.node(t, tokenKind(c), s.nameEnd(c))
	case (c == '|' || c == '>') && s.flow == 0:
		s.block(t)
	default:
		s.scalar(t, c)
	}
}

// nameEnd is where the alias, anchor or tag ends that begins here.
func (s *scanner) nameEnd(c byte) int {
	end := s.at + 1
	for !s.gapAt(end) && (c == '!' || isWord(s.text[end])) {
		end++
	}
	return end
}

// take adds a token, which ends at some place.
func (s *scanner) take(t token, kind tokenKind, end int) {
	t.kind, t.to = kind, int32(end)
	s.tokens = append(s.tokens, t)
	s.column(end)
	s.at = end
}

// node adds a token that a key may begin with.
func (s *scanner) node(t token, kind tokenKind, end int) {
	if s.fresh && s.flow == 0 {
		s.key = len(s.tokens)
	}
	s.fresh = false
	s.take(t, kind, end)
}

func (s *scanner) bracket(t token, c byte) {
	switch c {
	case '[', '{':
		s.node(t, tokenKind(c), s.at+1)
		s.flow++
		return
	case ']', '}':
		s.flow = max(s.flow-1, 0)
	}
	s.take(t, tokenKind(c), s.at+1)
}

// indicator adds - ? or :, which may begin a block, or make a key of what stands
// before it.
func (s *scanner) indicator(t token, c byte) {
	switch {
	case s.flow > 0:
	case c == ':' && s.key >= 0:
		k := &s.tokens[s.key]
		s.enter(k, false)
		t.block, s.key = s.inner, -1
	default:
		s.enter(&t, c == '-')
		s.fresh, s.key = true, -1
	}
	s.take(t, tokenKind(c), s.at+1)
}

// enter notes that a token begins an entry, perhaps the first of a block.
func (s *scanner) enter(t *token, list bool) {
	b := &s.blocks[s.inner]
	flush := list && b.source == t.column && !b.list
	if b.source < t.column || flush {
		s.blocks = append(s.blocks, blockScope{parent: s.inner, source: t.column, list: list, flush: flush})
		s.inner = int32(len(s.blocks) - 1)
		t.opens = true
	}
	t.entry, t.block = true, s.inner
}

// leave ends the blocks that a token at some column is not in. One that is no key
// does not end a list that is flush with its key.
func (s *scanner) leave(column int, noKey bool) {
	for b := &s.blocks[s.inner]; int(b.source) > column || int(b.source) == column && b.flush && !noKey; b = &s.blocks[s.inner] {
		s.inner = b.parent
	}
}

// marker reports whether the three dashes or dots of a document's beginning or end
// are at i, where a line begins.
func (s *scanner) marker(i int) bool {
	return (strings.HasPrefix(s.text[i:], "---") || strings.HasPrefix(s.text[i:], "...")) && s.gapAt(i+3)
}

// lineEnd is where the text of the line ends that i is in.
func (s *scanner) lineEnd(i int) int {
	for i < len(s.text) && breakAt(s.text, i) == 0 {
		i++
	}
	return i
}
