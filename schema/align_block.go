package schema

import (
	"math"
	"strings"
)

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
