package rule

import (
	"strings"
	"unicode/utf8"
)

const (
	maxSource  = 16 << 10 // bytes
	maxNesting = 100      // brackets, or prefix operators in a row
	maxNodes   = 5000     // parts of an expression
)

// scan looks for what must not reach the parser, which recurses until the stack
// overflows, and for brackets and strings without an end, which it sees only at
// the end of the text. It takes one pass and no memory to speak of.
func scan(src string) (Mistake, bool) {
	if len(src) > maxSource {
		return mistakeAt(span{0, 1}, "", "this is too long: %d bytes, where at most %d fit", len(src), maxSource), false
	}
	if i := strings.IndexByte(src, 0); i >= 0 {
		return mistakeAt(span{i, i + 1}, "", "there is a zero byte here"), false
	}
	for i, r := range src {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(src[i:]); size == 1 {
				return mistakeAt(span{i, i + 1}, "", "this is not valid UTF-8"), false
			}
		}
	}
	if strings.TrimSpace(src) == "" {
		return mistakeAt(span{0, len(src)}, "", "there is nothing here: an expression is missing"), false
	}
	s := scanner{src: src}
	for s.wrong == nil && s.at < len(src) {
		s.step()
	}
	if s.wrong == nil && len(s.open) > 0 {
		at := s.open[len(s.open)-1]
		s.fail(span{at, at + 1}, "", "this %c is never closed", src[at])
	}
	if s.wrong != nil {
		return *s.wrong, false
	}
	return Mistake{}, true
}

type scanner struct {
	src      string
	at       int
	open     []int // offsets of brackets without a partner so far
	prefixes int   // prefix operators in a row
	lets     int
	wrong    *Mistake
}

func (s *scanner) fail(at span, hint, format string, args ...any) {
	m := mistakeAt(at, hint, format, args...)
	s.wrong = &m
}

// step passes over one token, or over a piece of one that has no consequence.
func (s *scanner) step() {
	from, rest := s.at, s.src[s.at:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		s.at++
		return // prefix operators may stand apart
	case c == '"' || c == '\'' || c == '`':
		s.at += stringEnd(rest)
		if s.at == from {
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			s.fail(span{from, from + end}, "", "this string is never closed")
		}
	case strings.HasPrefix(rest, "//"):
		s.skipTo("\n", len(rest))
		return
	case strings.HasPrefix(rest, "/*"):
		s.skipTo("*/", -1)
		return
	case strings.IndexByte("([{", c) >= 0:
		s.at++
		s.opened(from)
	case strings.IndexByte(")]}", c) >= 0:
		s.at++
		s.closed(from)
	case c == '!' || c == '-' || c == '+':
		s.at++
		s.prefix(from)
		return
	case isWordByte(c):
		s.word()
		return
	default:
		s.at++
	}
	s.prefixes = 0
}

// skipTo goes behind the next end, or by otherwise where there is none; -1 means
// that there must be one.
func (s *scanner) skipTo(end string, otherwise int) {
	if i := strings.Index(s.src[s.at+2:], end); i >= 0 {
		s.at += 2 + i + len(end)
	} else if otherwise < 0 {
		s.fail(span{s.at, s.at + 2}, "", "this comment is never closed")
	} else {
		s.at += otherwise
	}
}

func (s *scanner) opened(at int) {
	if s.open = append(s.open, at); len(s.open) > maxNesting {
		s.fail(span{at, at + 1}, "", "this is nested too deeply: at most %d levels are allowed", maxNesting)
	}
}

func (s *scanner) closed(at int) {
	closer := s.src[at]
	if len(s.open) == 0 {
		s.fail(span{at, at + 1}, "", "this %c closes nothing", closer)
		return
	}
	opener := s.src[s.open[len(s.open)-1]]
	if strings.IndexByte("([{", opener) != strings.IndexByte(")]}", closer) {
		s.fail(span{at, at + 1}, "", "this %c does not match the %c before it", closer, opener)
	}
	s.open = s.open[:len(s.open)-1]
}

func (s *scanner) prefix(at int) {
	if s.prefixes++; s.prefixes > maxNesting {
		s.fail(span{at, at + 1}, "", "there are more than %d operators in a row", maxNesting)
	}
}

// word passes over a name, a number or a word such as not.
func (s *scanner) word() {
	from := s.at
	for s.at < len(s.src) && isWordByte(s.src[s.at]) {
		s.at++
	}
	switch s.src[from:s.at] {
	case "not":
		s.prefix(from)
		return
	case "let":
		if s.lets++; s.lets > maxNesting {
			s.fail(span{from, s.at}, "", "there are more than %d let", maxNesting)
		}
	}
	s.prefixes = 0
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= utf8.RuneSelf ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// stringEnd is the length of the string that rest begins with, 0 where it is
// never closed. A backtick is written twice within backticks; other quotes and
// what they hold are on one line.
func stringEnd(rest string) int {
	quote := rest[0]
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == quote && quote == '`' && i+1 < len(rest) && rest[i+1] == quote:
			i++
		case c == quote:
			return i + 1
		case quote == '`':
		case c == '\\':
			i++
		case c == '\n':
			return 0
		}
	}
	return 0
}
