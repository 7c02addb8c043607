package schema

import (
	"strings"
	"unicode/utf8"
)

// source is a file's text, by its lines. A line ends where the YAML library says
// so, which is also at a lone carriage return and at U+0085, U+2028 and U+2029:
// the places it reports count on that.
type source struct {
	file   string
	dir    string // absolute folder of the file
	text   string // without a byte order mark
	starts []int32
	ascii  bool // one byte a character
}

func newSource(file string, text []byte) *source {
	s := &source{file: file, text: strings.TrimPrefix(string(text), "\uFEFF"), ascii: true}
	s.starts = make([]int32, 1, 1+len(text)/24)
	for i := 0; i < len(s.text); {
		c := s.text[i]
		if width := breakAt(s.text, i); width > 0 {
			i += width
			s.starts = append(s.starts, int32(i))
			continue
		}
		s.ascii = s.ascii && c < utf8.RuneSelf
		i++
	}
	return s
}

// breakAt is the length in bytes of the line break at i, or 0.
func breakAt(text string, i int) int {
	switch c := text[i]; {
	case c == '\n':
		return 1
	case c == '\r':
		if i+1 < len(text) && text[i+1] == '\n' {
			return 2
		}
		return 1
	case c < utf8.RuneSelf:
	case strings.HasPrefix(text[i:], "\u0085"):
		return 2
	case strings.HasPrefix(text[i:], "\u2028"), strings.HasPrefix(text[i:], "\u2029"):
		return 3
	}
	return 0
}

// bounds are where a line, counted from 1, begins and ends in the text, without
// its line break.
func (s *source) bounds(n int) (from, to int) {
	if n < 1 || n > len(s.starts) {
		return 0, 0
	}
	from, to = int(s.starts[n-1]), len(s.text)
	if n < len(s.starts) {
		to = int(s.starts[n])
		for i := max(from, to-3); i < to; i++ {
			if i+breakAt(s.text, i) == to {
				to = i
			}
		}
	}
	return from, to
}

// line returns a line, counted from 1, as valid text without its end; "" where
// there is none.
func (s *source) line(n int) string {
	from, to := s.bounds(n)
	return strings.ToValidUTF8(s.text[from:to], "\uFFFD")
}

// maxLine is how much of a line is kept to be shown, in bytes.
const maxLine = 16 << 10

// around is the line of a cursor or, where it is very long, the part of it around
// the cursor, and the column the cursor has in it.
func (s *source) around(c cursor) (text string, column int) {
	from, to := s.bounds(int(c.line))
	if to-from > maxLine {
		from, to = max(from, c.at-maxLine/2), min(to, c.at+maxLine/2)
	}
	at := min(max(c.at, from), to)
	return strings.ToValidUTF8(s.text[from:to], "\uFFFD"), utf8.RuneCountInString(s.text[from:at]) + 1
}

// upTo is the text up to the end of a line, counted from 1.
func (s *source) upTo(line int) string {
	if line >= len(s.starts) {
		return s.text
	}
	return s.text[:s.starts[line]]
}

// lineAt is the line, from 1, and the column, from 1, of a byte of the text.
func (s *source) lineAt(offset int) (line, column int) {
	low, high := 0, len(s.starts)
	for high-low > 1 {
		if middle := (low + high) / 2; int(s.starts[middle]) <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	return low + 1, utf8.RuneCountInString(s.text[s.starts[low]:offset]) + 1
}

// within is a place that the text has: the library takes an end for a line's.
func (s *source) within(line, column int) (int, int) {
	if line <= len(s.starts) {
		return line, column
	}
	return len(s.starts), utf8.RuneCountInString(s.line(len(s.starts))) + 1
}

// cursor returns one that stands at a line and column, both from 1.
func (s *source) cursor(line, column int) cursor {
	c := cursor{text: s.text, spot: spot{int32(line), 1}}
	if line < 1 || line > len(s.starts) {
		c.at = len(s.text)
		return c
	}
	c.at = int(s.starts[line-1])
	if s.ascii {
		c.at, c.column = min(c.at+column-1, len(s.text)), int32(column)
		return c
	}
	for c.column < int32(column) && !c.ends() {
		c.next()
	}
	return c
}
