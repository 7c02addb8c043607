package schema

import "strings"

const (
	indentStep = 2
	maxGrowth  = 10 // times that a text may become larger
)

// printer writes tokens, each on the line that it was on.
type printer struct {
	*scanner
	out      []byte
	end      string // of the line that is written
	start    int    // where it begins, in out
	base     int    // the column of its first token that is not - ? or :, or -1
	brackets []int  // of each that is open, the base of the line that it is in
	last     *token // that was written and is no comment, or nil
	next     int    // the token that is no comment and comes next, as far as looked for
	asides   asides
}

// printed is the text of tokens, or nil where it would be too large.
func printed(s *scanner) []byte {
	p := &printer{scanner: s, base: -1, end: "\n", out: make([]byte, 0, len(s.text)+len(s.text)/8+1)}
	most := maxGrowth*len(s.text) + 64<<10
	for i := range s.tokens {
		p.print(i)
		if len(p.out) > most {
			return nil
		}
	}
	p.align()
	if last := len(s.tokens) - 1; last >= 0 && !s.tokens[last].ragged {
		p.newLine()
	}
	return p.out
}

func (p *printer) print(i int) {
	t := &p.tokens[i]
	switch {
	case t.kind == commentToken:
		p.comment(i)
		return
	case t.breaks > 0:
		p.lead(i)
		p.pad(p.indent(t))
	case apart(p.last.kind, t.kind):
		p.out = append(p.out, ' ')
	}
	p.write(t)
	p.last = t
}

// lead begins a line, after a blank one where there were any.
func (p *printer) lead(i int) {
	if i == 0 {
		return
	}
	p.newLine()
	if p.tokens[i].breaks > 1 {
		p.newLine()
	}
}

func (p *printer) newLine() {
	p.out = append(p.out, p.end...)
	p.start, p.base, p.end = len(p.out), -1, "\n"
}

func (p *printer) pad(columns int) {
	for range columns {
		p.out = append(p.out, ' ')
	}
}

// indent is the column of a token that begins a line.
func (p *printer) indent(t *token) int {
	b := &p.blocks[t.block]
	switch {
	case t.kind == bodyToken || t.kind == markerToken || t.kind == directiveToken:
		return 0 // a body indents its lines itself
	case len(p.brackets) > 0 && (t.kind == ']' || t.kind == '}'):
		return p.brackets[len(p.brackets)-1]
	case t.opens:
		return int(p.blocks[b.parent].column) + indentStep
	case t.entry:
		return int(b.column)
	}
	return p.within(t)
}

// within is the column of a line that begins in brackets, or in an entry's value.
func (p *printer) within(t *token) int {
	if n := len(p.brackets); n > 0 {
		return p.brackets[n-1] + indentStep
	}
	return int(p.blocks[t.block].column) + indentStep
}

// write writes a token where the line has got to.
func (p *printer) write(t *token) {
	column := len(p.out) - p.start
	if t.opens {
		p.blocks[t.block].column = int32(column)
	}
	if p.base < 0 && !(t.entry && strings.IndexByte("-?:", byte(t.kind)) >= 0) {
		p.base = column
	}
	text := p.text[t.from:t.to]
	switch {
	case t.kind == '[' || t.kind == '{':
		p.brackets = append(p.brackets, p.base)
	case len(p.brackets) > 0 && (t.kind == ']' || t.kind == '}'):
		p.brackets = p.brackets[:len(p.brackets)-1]
	case t.kind == directiveToken:
		text = strings.TrimRight(text, " \t")
	case t.kind == bodyToken:
		p.body(t, text)
		p.end = kept(p.text, int(t.to)) // it is part of the value
		return
	case t.lines:
		p.folded(t, text)
		return
	}
	p.out = append(p.out, text...)
}

// apart reports whether a space belongs between two tokens of a line. Where there
// is none, the right one's character must not go on with the left one.
func apart(left, right tokenKind) bool {
	switch {
	case left == '[' || left == '{':
		return false
	case right == ',' || right == ']' || right == '}':
		return left == ':' || left == '?' || left == '!'
	case right == ':':
		return left != scalarToken && left != ']' && left != '}'
	}
	return true
}
