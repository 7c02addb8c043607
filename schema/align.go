package schema

import (
	"math"
	"strings"
	"unicode/utf8"
)

// style is how a scalar was written.
type style byte

const (
	plain style = iota
	single
	double
	block // | or >
)

// maxAligned is the length, in bytes, of the longest scalar that places are looked
// for in. Mistakes in a longer one are cited at its beginning.
const maxAligned = 1 << 20

// aligner walks over the source of a scalar as YAML does, folding lines and
// reading escapes, and notes where each byte of its text comes from.
type aligner struct {
	cursor
	rest string // of the text: what is not found yet
	at   []spot // of each byte found
	lost bool   // text and source differ
}

// align finds the place of every byte of a scalar's text, and of its end; nil
// where the source does not hold that text.
func align(from cursor, s style, text string) []spot {
	if len(text) > maxAligned {
		return nil
	}
	a := &aligner{cursor: from, rest: text, at: make([]spot, 0, len(text)+1)}
	if s == block {
		a.block(text)
	} else {
		a.flow(s)
	}
	if a.lost || a.rest != "" {
		return nil
	}
	end := a.spot
	if last := len(a.at) - 1; s == block && last >= 0 {
		end = a.at[last] // the walk went on to the next value
		if text[last] != '\n' {
			end.column++
		}
	}
	return append(a.at, end)
}

// anything stands for a character that needs no comparison.
const anything rune = -1

// emit notes that the next character of the text comes from a spot.
func (a *aligner) emit(r rune, from spot) {
	if a.rest == "" {
		return
	}
	want, size := utf8.DecodeRuneInString(a.rest)
	if r != anything && r != want {
		a.lost = true
		return
	}
	for range size {
		a.at = append(a.at, from)
	}
	a.rest = a.rest[size:]
}

func (a *aligner) more() bool { return a.rest != "" && !a.lost && !a.eof() }

// flow walks over a plain or quoted scalar.
func (a *aligner) flow(s style) {
	if s != plain {
		a.next() // the quote
	}
	for a.more() {
		here := a.spot
		switch {
		case a.blank() || a.ends():
			a.fold()
		case s == single && a.peek() == '\'':
			a.next()
			a.next()
			a.emit('\'', here)
		case s == double && a.peek() == '\\':
			a.escape()
		default:
			a.emit(a.next(), here)
		}
	}
}

// fold walks over white space. With one line's end in it, it is one space; with
// more of them, the others.
func (a *aligner) fold() {
	look := a.cursor
	for look.blank() {
		look.next()
	}
	if !look.ends() || look.eof() {
		for a.blank() {
			here := a.spot
			a.emit(a.next(), here)
		}
		return
	}
	a.cursor = look
	here := a.spot
	first := a.nextLine()
	if first != '\n' {
		a.emit(first, here)
	}
	if a.emptyLines() == 0 && first == '\n' {
		a.emit(' ', here)
	}
}

// emptyLines walks over white space after a line's end, and emits and counts the
// other ends in it.
func (a *aligner) emptyLines() (n int) {
	for a.blank() || a.ends() && !a.eof() {
		if a.blank() {
			a.next()
			continue
		}
		here := a.spot
		a.emit(a.nextLine(), here)
		n++
	}
	return n
}

// escape walks over an escape of a double-quoted scalar. A line's end that is
// escaped joins the lines.
func (a *aligner) escape() {
	here := a.spot
	a.next()
	if a.ends() {
		a.nextLine()
		a.emptyLines()
		return
	}
	digits := 0
	switch a.next() {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	for range digits {
		a.next()
	}
	a.emit(anything, here)
}

// brk is a line's end: what it is in the text, and where.
type brk struct {
	r  rune // 0 for none
	at spot
}

// block walks over a literal or folded scalar.
func (a *aligner) block(text string) {
	literal := a.peek() == '|'
	for !a.ends() {
		a.next() // the header: | or >, its indicators, a comment
	}
	a.nextLine()
	indent := a.indent(text)
	var last brk // the end of the line before
	empty := a.skipEmpty(indent, nil)
	wasBlank := false
	for a.more() && a.column == indent+1 {
		blank := a.blank()
		switch {
		case last.r == 0:
		case literal || wasBlank || blank || last.r != '\n':
			a.emit(last.r, last.at)
		case len(empty) == 0:
			a.emit(' ', last.at)
		}
		a.emitAll(empty)
		for !a.ends() {
			here := a.spot
			a.emit(a.next(), here)
		}
		wasBlank = blank
		last = brk{at: a.spot}
		last.r = a.nextLine()
		empty = a.skipEmpty(indent, empty[:0])
	}
	if last.r != 0 {
		a.emit(last.r, last.at)
	}
	a.emitAll(empty)
}

func (a *aligner) emitAll(breaks []brk) {
	for _, b := range breaks {
		a.emit(b.r, b.at)
	}
}

// skipEmpty walks over indentation, and over lines of nothing else.
func (a *aligner) skipEmpty(indent int32, empty []brk) []brk {
	for {
		for a.column <= indent && a.peek() == ' ' {
			a.next()
		}
		if a.eof() || !a.ends() {
			return empty
		}
		b := brk{at: a.spot}
		b.r = a.nextLine()
		empty = append(empty, b)
	}
}

// indent is how many columns a block scalar is indented by: how much further
// right its first line that has any text begins in the source.
func (a *aligner) indent(text string) int32 {
	if strings.Trim(text, "\n\u2028\u2029") == "" {
		return math.MaxInt32 - 1 // there is nothing but empty lines
	}
	look := a.cursor
	for !look.eof() {
		for look.peek() == ' ' {
			look.next()
		}
		if !look.ends() {
			break
		}
		look.nextLine()
	}
	before := text[:len(text)-len(strings.TrimLeft(text, " \n\u2028\u2029"))]
	own := len(before) - len(strings.TrimRight(before, " "))
	return max(look.column-1-int32(own), 0)
}
