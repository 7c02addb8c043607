package schema

import (
	"strings"
	"unicode/utf8"
)

// A comment stands behind something, one space from it, or in a line of its own.
// Those behind the values of lines that follow each other, and those that go on
// below one, are asides: where they stood in one column, they do so again.
type asides struct {
	column  int // in which they stood, in characters
	written []aside
	end     int // of the last, in what is written
}

// An aside is written where its line had got to.
type aside struct {
	at    int // in what is written
	width int // of what is before it in its line, in characters
}

// goesOn reports whether a comment that comes next is one of the asides.
func (p *printer) goesOn(t *token) bool {
	return len(p.asides.written) > 0 && p.start == p.asides.end+1 && p.asides.column == p.sourceColumn(t)
}

func (p *printer) sourceColumn(t *token) int {
	return utf8.RuneCountInString(p.text[t.from-t.column : t.from])
}

// comment writes one.
func (p *printer) comment(i int) {
	t := &p.tokens[i]
	text := strings.TrimRight(p.text[t.from:t.to], " \t")
	if t.breaks > 0 {
		p.lead(i)
		next := p.behindComments(i)
		if !p.goesOn(t) || next != nil && next.column == t.column {
			p.pad(p.beside(t, next))
			p.out = append(p.out, text...)
			return
		}
	} else if !p.goesOn(t) {
		p.align()
		p.asides.column = p.sourceColumn(t)
	}
	p.asides.written = append(p.asides.written, aside{at: len(p.out), width: utf8.RuneCount(p.out[p.start:])})
	p.out = append(p.out, text...)
	p.asides.end = len(p.out)
}

// behindComments is the first token at i or behind it that is no comment, or nil.
func (p *printer) behindComments(i int) *token {
	for p.next = max(p.next, i); p.next < len(p.tokens); p.next++ {
		if t := &p.tokens[p.next]; t.kind != commentToken {
			return t
		}
	}
	return nil
}

// align brings the asides into one column.
func (p *printer) align() {
	column, space := 0, 0
	for _, a := range p.asides.written {
		column = max(column, a.width+1)
	}
	for _, a := range p.asides.written {
		space += column - a.width
	}
	end := len(p.out)
	p.pad(space)
	p.start += space
	for i := len(p.asides.written) - 1; i >= 0; i-- {
		a := p.asides.written[i]
		copy(p.out[a.at+space:], p.out[a.at:end])
		end, space = a.at, space-(column-a.width)
		copy(p.out[a.at+space:], strings.Repeat(" ", column-a.width))
	}
	p.asides.written = p.asides.written[:0]
}

// beside is the column of a comment in a line of its own: that of the token which
// it precedes. One that stood further right belongs to a block that has its end
// there, and stays in it.
func (p *printer) beside(t, next *token) int {
	if len(p.brackets) > 0 {
		return p.within(t)
	}
	source, column := 0, 0
	if next != nil {
		column = p.indent(next)
		if next.entry {
			source = int(p.blocks[next.block].source)
		}
	}
	if int(t.column) <= source || p.last == nil {
		return column
	}
	return max(column, p.inside(t, p.last))
}

// inside is the column of a comment behind a token: that of the innermost block
// which it stood no further left than, or of what an entry of that holds. Further
// right than an entry whose value is a block scalar, it would be a part of that.
func (p *printer) inside(t, before *token) int {
	own := &p.blocks[before.block]
	b := own
	for b.source > t.column {
		b = &p.blocks[b.parent]
	}
	scalar := b == own && (before.kind == headerToken || before.kind == bodyToken)
	if t.column == b.source || scalar {
		return int(b.column)
	}
	return int(b.column) + indentStep
}
