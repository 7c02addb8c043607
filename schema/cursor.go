package schema

import (
	"strings"
	"unicode/utf8"
)

// spot is a place in a source, from 1.
type spot struct{ line, column int32 }

// cursor walks over a source, character by character.
type cursor struct {
	spot
	text string
	at   int // in bytes
}

// ends reports whether the cursor stands at the end of a line or of the text.
func (c *cursor) ends() bool { return c.at >= len(c.text) || breakAt(c.text, c.at) > 0 }

// eof reports whether the cursor stands at the end of the text.
func (c *cursor) eof() bool { return c.at >= len(c.text) }

// peek is the byte here, or 0.
func (c *cursor) peek() byte {
	if c.eof() {
		return 0
	}
	return c.text[c.at]
}

func (c *cursor) blank() bool { return c.peek() == ' ' || c.peek() == '\t' }

// next returns the character here, which is not a line's end, and moves past it.
func (c *cursor) next() rune {
	if c.eof() {
		return 0
	}
	r, size := utf8.DecodeRuneInString(c.text[c.at:])
	c.at += size
	c.column++
	return r
}

// back moves to the character before, which is of the same line.
func (c *cursor) back() {
	_, size := utf8.DecodeLastRuneInString(c.text[:c.at])
	c.at -= size
	c.column--
}

// nextLine moves past the line's end, where the cursor stands. It returns what
// YAML makes of it: a newline, or one of Unicode's own separators.
func (c *cursor) nextLine() rune {
	if c.eof() {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(c.text[c.at:])
	c.at += breakAt(c.text, c.at)
	c.line, c.column = c.line+1, 1
	if r != '\u2028' && r != '\u2029' {
		r = '\n'
	}
	return r
}

// beyond moves past the anchor and tag that may stand before a scalar.
func (c *cursor) beyond() {
	for !c.eof() {
		switch {
		case c.blank():
			c.next()
		case c.ends():
			c.nextLine()
		case c.peek() == '#':
			for !c.ends() {
				c.next()
			}
		case c.peek() == '&':
			for c.next(); isWord(c.peek()); {
				c.next()
			}
		case c.peek() == '!':
			for !c.ends() && strings.IndexByte(" \t,[]{}", c.peek()) < 0 {
				c.next()
			}
		default:
			return
		}
	}
}

func isWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '-'
}
