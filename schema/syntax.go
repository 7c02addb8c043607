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
	f := &fault{source: s, message: whole}
	f.line = s.broken(hi, func(message string) bool { return message == whole })
	if m := yamlError.FindStringSubmatch(whole); m != nil {
		f.message = m[1]
	}
	f.explain()
	n := &Node{Kind: Map, Line: f.line, Column: f.column, src: s}
	if f.column == 0 {
		n.Column = indentation(s.line(f.line)) + 1
	}
	shown, _ := s.around(r.cursor(s, n.Line, n.Column))
	r.hideLine(shown)
	r.Errorf(n, f.hint, "%s", f.text)
}

// maxSearched is how much text is read to find a mistake's line, in bytes.
const maxSearched = 32 << 20

// broken finds the line, from 1, of an error: the first with which the text up to
// it has that error, as it has up to hi.
func (s *source) broken(hi int, same func(message string) bool) int {
	left := maxSearched
	has := func(line int) bool {
		text := s.upTo(line)
		left -= len(text)
		return same(parseError(text))
	}
	lo := hi
	for step := 1; lo > 0; step *= 2 {
		if lo = max(lo-step, 0); lo == 0 || left < 0 || !has(lo) {
			break
		}
		hi = lo
	}
	for hi-lo > 1 && left >= 0 {
		if middle := (lo + hi) / 2; has(middle) {
			hi = middle
		} else {
			lo = middle
		}
	}
	return hi
}

func inQuote(message string) bool { return strings.Contains(message, "unexpected end of stream") }

func inBracket(message string) bool {
	return strings.Contains(message, "did not find expected ',' or") || strings.Contains(message, "did not find expected node content")
}

// openBefore is the line on which what is still open at the end of the line above,
// a quote or a bracket, was opened; 0 where nothing is.
func (s *source) openBefore(line int) (opened int, quote bool) {
	if line <= 1 {
		return 0, false
	}
	switch message := parseError(s.upTo(line - 1)); {
	case inQuote(message):
		return s.broken(line-1, inQuote), true
	case inBracket(message):
		return s.broken(line-1, inBracket), false
	}
	return 0, false
}

// outdented reports whether a line below one, up to another, begins no further
// right than it, as what it belongs to would not.
func (s *source) outdented(below, last int) bool {
	least := indentation(s.line(below))
	for i := below + 1; i <= last; i++ {
		line := s.line(i)
		text := strings.TrimLeft(line, " ")
		if text != "" && !strings.ContainsRune("#]}", rune(text[0])) && indentation(line) <= least {
			return true
		}
	}
	return false
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

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
