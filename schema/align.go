package schema

import "unicode/utf8"

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
