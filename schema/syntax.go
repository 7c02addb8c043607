package schema

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// yaml.v3 names a line that is often not the right one, and no column. The place
// is found by the library itself: a mistake is in the first line with which the
// text up to there cannot be read any more, for the same reason.

var yamlError = regexp.MustCompile(`^yaml: (?:line \d+: )?(.*)`)

// syntax notes an error of yaml.v3, which had read so many bytes, in the user's
// words and at its place.
func (r *Reader) syntax(s *source, err error, read int) {
	whole := err.Error()
	hi, _ := s.lineAt(read)
	f := &fault{source: s, line: s.broken(whole, hi), message: whole}
	if m := yamlError.FindStringSubmatch(whole); m != nil {
		f.message = m[1]
	}
	f.explain()
	n := &Node{Kind: Map, Line: f.line, Column: f.column, src: s}
	if f.column == 0 {
		line := s.line(f.line)
		n.Column = len(line) - len(strings.TrimLeft(line, " ")) + 1
	}
	shown, _ := s.around(r.cursor(s, n.Line, n.Column))
	r.hideLine(shown)
	r.Errorf(n, f.hint, "%s", f.text)
}

// maxSearched is how much text is read to find a mistake's line, in bytes.
const maxSearched = 32 << 20

// broken finds the line, from 1, of an error: the first with which the text up to
// it has that error. hi is a line that is not before it.
func (s *source) broken(message string, hi int) int {
	left := maxSearched
	same := func(line int) bool {
		text := s.upTo(line)
		left -= len(text)
		return parseError(text) == message
	}
	lo := hi
	for step := 1; lo > 0; step *= 2 {
		if lo = max(lo-step, 0); lo == 0 || left < 0 || !same(lo) {
			break
		}
		hi = lo
	}
	for hi-lo > 1 && left >= 0 {
		if middle := (lo + hi) / 2; same(middle) {
			hi = middle
		} else {
			lo = middle
		}
	}
	return hi
}

// openBefore is the line on which what is still open at the end of a line, a
// quote or a bracket, was opened; 0 where nothing is.
func (s *source) openBefore(line int) (opened int, quote bool) {
	if line <= 1 {
		return 0, false
	}
	message := parseError(s.upTo(line - 1))
	quote = strings.Contains(message, "unexpected end of stream")
	if !quote && !strings.Contains(message, "did not find expected ',' or") {
		return 0, false
	}
	return s.broken(message, line-1), quote
}

// valueColumn is the column, from 1, where the value of a line's key begins, or
// the text itself where it has none.
func valueColumn(line string) int {
	rest := strings.TrimLeft(line, " ")
	for strings.HasPrefix(rest, "- ") {
		rest = strings.TrimLeft(rest[2:], " ")
	}
	if i := strings.Index(rest, ": "); i >= 0 {
		rest = strings.TrimLeft(rest[i+2:], " ")
	}
	return utf8.RuneCountInString(line[:len(line)-len(rest)]) + 1
}
