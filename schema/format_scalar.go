package schema

import "strings"

// scalar adds a plain scalar, or one in quotes.
func (s *scanner) scalar(t token, c byte) {
	line := s.line
	if c == '\'' || c == '"' {
		s.node(t, scalarToken, s.quoteEnd(c))
	} else {
		s.node(t, scalarToken, s.plainEnd())
	}
	s.tokens[len(s.tokens)-1].lines = s.line > line
}

func (s *scanner) quoteEnd(quote byte) int {
	for i := s.at + 1; i < len(s.text); i++ {
		switch {
		case s.text[i] == '\\' && quote == '"':
			i++
		case s.text[i] != quote:
		case quote == '\'' && strings.HasPrefix(s.text[i:], "''"):
			i++
		default:
			return i + 1
		}
	}
	return len(s.text)
}

// plainEnd is where the plain scalar ends that begins here: at an indicator, a
// comment, or a line that is not indented enough.
func (s *scanner) plainEnd() int {
	end := s.at + 1
	for {
		for !s.gapAt(end) && !s.stops(end) {
			end++
		}
		next, line := end, -1 // where the next word begins, and its line
		for next < len(s.text) {
			width := whiteAt(s.text, next)
			if width == 0 {
				break
			}
			broken := breakAt(s.text, next) > 0
			if next += width; broken {
				line = next
			}
		}
		if next == end || next == len(s.text) || s.text[next] == '#' || s.stops(next) {
			return end
		}
		if line >= 0 && (s.flow == 0 && next-line <= int(s.blocks[s.inner].source) || next == line && s.marker(next)) {
			return end
		}
		end = next
	}
}

// stops reports whether what stands at i ends a plain scalar.
func (s *scanner) stops(i int) bool {
	switch s.text[i] {
	case ':':
		return s.gapAt(i + 1)
	case ',', '?', '[', ']', '{', '}':
		return s.flow > 0
	}
	return false
}

// block adds a literal or folded scalar: its header, the comment behind that, and
// its body.
func (s *scanner) block(t token) {
	end := s.at + 1
	for end < len(s.text) && strings.IndexByte("+-0123456789", s.text[end]) >= 0 {
		end++
	}
	header := s.text[s.at+1 : end]
	s.take(t, headerToken, end)
	s.key = -1
	for !s.atBreak() && whiteAt(s.text, s.at) > 0 {
		s.at++
	}
	if !s.atBreak() && s.text[s.at] == '#' {
		comment := token{block: s.inner, column: int32(s.column(s.at)), from: int32(s.at)}
		s.take(comment, commentToken, s.lineEnd(s.at))
	}
	if s.at < len(s.text) && breakAt(s.text, s.at) > 0 {
		s.body(header)
	}
}

func (s *scanner) atBreak() bool { return s.at >= len(s.text) || breakAt(s.text, s.at) > 0 }

// body adds the lines of a block scalar that its value comes from, if there are any.
func (s *scanner) body(header string) {
	from := s.at + breakAt(s.text, s.at)
	indent := s.bodyIndent(header, from)
	keep := strings.Contains(header, "+")
	end := -1
	for at := from; at < len(s.text); {
		spaces := s.spaces(at, indent)
		lineEnd := s.lineEnd(at + spaces)
		blank := lineEnd == at+spaces
		if !blank && spaces < indent {
			break
		}
		if !blank || keep {
			end = lineEnd
		}
		if lineEnd == len(s.text) {
			break
		}
		at = lineEnd + breakAt(s.text, lineEnd)
	}
	if end < 0 {
		return
	}
	t := token{breaks: 1, block: s.inner, column: int32(indent), from: int32(from), step: indentStep}
	if digit, ok := explicit(header); ok {
		t.step = digit
	}
	t.ragged = end == len(s.text) && !strings.Contains(header, "-")
	s.take(t, bodyToken, end)
}

// bodyIndent is how far a body is indented: as its header says, else as its first
// line that has any text. Blank lines before that count as well.
func (s *scanner) bodyIndent(header string, from int) int {
	outer := int(s.blocks[s.inner].source)
	if digit, ok := explicit(header); ok {
		return max(outer, 0) + int(digit)
	}
	most := max(outer+1, 1)
	for at := from; ; {
		spaces := s.spaces(at, len(s.text))
		most = max(most, spaces)
		if at += spaces; at >= len(s.text) || breakAt(s.text, at) == 0 {
			return most
		}
		at += breakAt(s.text, at)
	}
}

// explicit is the indentation that a block scalar's header asks for.
func explicit(header string) (step uint8, ok bool) {
	digit := strings.Trim(header, "+-")
	if digit == "" {
		return 0, false
	}
	return digit[0] - '0', true
}

// spaces is how many spaces are at i, at most so many.
func (s *scanner) spaces(i, most int) (n int) {
	for n < most && i+n < len(s.text) && s.text[i+n] == ' ' {
		n++
	}
	return n
}
