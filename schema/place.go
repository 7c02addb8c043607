package schema

import "sort"

// origin is how a scalar's value came from its text by ${…}.
type origin struct {
	text     string    // before ${…} was replaced
	segments []segment // what was replaced, in order
	written  string    // as text, with what {{ each.… }} stands for; "" is text
}

// segment is a part of a value that came from ${…}.
type segment struct {
	from, to int // in the value
	at, end  int // of the ${…}, in the text
}

// text is a scalar's value before ${…} was replaced.
func (n *Node) text() string {
	if n.raw != nil {
		return n.raw.text
	}
	return n.Value
}

// written is a scalar as it would be written if nothing stood for anything else
// but ${…}.
func (n *Node) written() string {
	if n.raw != nil && n.raw.written != "" {
		return n.raw.written
	}
	return n.text()
}

// inText maps a part of the value to the part of the text that made it: a ${…}
// counts as a whole.
func (n *Node) inText(from, to int) (int, int) {
	if n.raw == nil {
		return from, to
	}
	segments := n.raw.segments
	shift := func(i int) int { // of what stands before the i-th segment
		if i == 0 {
			return 0
		}
		return segments[i-1].end - segments[i-1].to
	}
	i := sort.Search(len(segments), func(i int) bool { return segments[i].to > from })
	j := sort.Search(len(segments), func(j int) bool { return segments[j].to >= to })
	first, last := from+shift(i), to+shift(j)
	if i < len(segments) && segments[i].from <= from {
		first = segments[i].at
	}
	if j < len(segments) && segments[j].from < to {
		last = segments[j].end
	}
	return first, last
}

// place is the line and column of a part of a scalar's text, and how many columns
// of that line it takes.
func (r *Reader) place(n *Node, from, to int) (line, column, width int) {
	at := r.spots(n)
	if at == nil {
		return n.Line, n.Column, 1
	}
	end := len(at) - 1
	from = min(max(from, 0), end)
	to = min(max(to, from+1), end)
	first, last := at[from], at[max(to, from)]
	for i := to; last.line != first.line; i-- {
		last = at[i-1]
		if c := r.cursor(n.src, int(last.line), int(last.column)); !c.ends() {
			last.column++
		}
	}
	width = int(last.column - first.column)
	return int(first.line), int(first.column), max(width, 1)
}

// extent is how many columns a scalar takes that stands on one line, else 1.
func (r *Reader) extent(n *Node) int {
	if n.Kind == Map || n.Kind == List || n.style == block || len(n.text()) > 4096 {
		return 1
	}
	at := r.spots(n)
	if at == nil || int(at[len(at)-1].line) != n.Line {
		return 1
	}
	width := int(at[len(at)-1].column) - n.Column
	if n.style != plain {
		width++ // the closing quote
	}
	return max(width, 1)
}

// spots finds the place of every byte of a scalar's text, and of its end; nil
// where that cannot be told. The last scalar's are kept, as one often has several
// mistakes.
func (r *Reader) spots(n *Node) []spot {
	if n.src == nil {
		return nil
	}
	if r.lastNode != n {
		r.lastNode = n
		r.lastSpots = align(r.cursor(n.src, n.Line, n.Column), n.style, n.text())
	}
	return r.lastSpots
}
