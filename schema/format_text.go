package schema

import (
	"iter"
	"strings"
)

// kept is the line's end at i as it is written: Unicode's own separators stay as
// they are, as values keep them.
func kept(text string, i int) string {
	if i < len(text) && breakAt(text, i) == len("\u2028") {
		return text[i : i+len("\u2028")]
	}
	return "\n"
}

// linesOf are the lines of a text, each without its end, and with that of the line
// before it, "" for the first.
func linesOf(text string) iter.Seq2[string, string] {
	return func(yield func(end, line string) bool) {
		end, from := "", 0
		for i := 0; i < len(text); {
			width := breakAt(text, i)
			if width == 0 {
				i++
				continue
			}
			if !yield(end, text[from:i]) {
				return
			}
			end, from = kept(text, i), i+width
			i = from
		}
		yield(end, text[from:])
	}
}

// body writes the lines of a block scalar, moved as a whole.
func (p *printer) body(t *token, text string) {
	column := max(int(p.blocks[t.block].column), 0) + int(t.step)
	for end, line := range linesOf(text) {
		p.out = append(p.out, end...)
		own := min(indentation(line), int(t.column))
		if own < len(line) {
			p.pad(column)
			p.out = append(p.out, line[own:]...)
		}
	}
}

// folded writes a plain or quoted scalar of several lines, moved as a whole: the
// white space around a line's end is none of its value.
func (p *printer) folded(t *token, text string) {
	column, least := max(p.within(t), indentStep), leastWhite(text)
	for end, line := range linesOf(text) {
		if end != "" {
			p.trim(text[0] == '"')
			p.out = append(p.out, end...)
			p.start = len(p.out)
			white := whiteBefore(line)
			if line = strings.TrimLeft(line, " \t"); line != "" {
				p.pad(column + white - least)
			}
		}
		p.out = append(p.out, line...)
	}
	p.base = column
}

// leastWhite is the least white space that a line but the first begins with.
func leastWhite(text string) int {
	least := -1
	for end, line := range linesOf(text) {
		if end == "" || strings.Trim(line, " \t") == "" {
			continue
		}
		if white := whiteBefore(line); least < 0 || white < least {
			least = white
		}
	}
	return least
}

// whiteBefore is the white space that a line begins with, in columns.
func whiteBefore(line string) (columns int) {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			columns++
		case '\t':
			columns += indentStep
		default:
			return columns
		}
	}
	return columns
}

// trim cuts the white space at the end of what is written, but none that a
// backslash makes a part of a value.
func (p *printer) trim(escapes bool) {
	end := len(p.out)
	for end > p.start && (p.out[end-1] == ' ' || p.out[end-1] == '\t') {
		end--
	}
	escaped := false
	for i := end; escapes && i > p.start && p.out[i-1] == '\\'; i-- {
		escaped = !escaped
	}
	if escaped && end < len(p.out) {
		end++
	}
	p.out = p.out[:end]
}
