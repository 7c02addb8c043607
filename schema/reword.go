package schema

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// fault is an error of yaml.v3 on the way to one in the user's words.
type fault struct {
	*source
	message string // yaml.v3's
	line    int
	column  int // 0 is where the line's text begins

	text, hint string
}

// explain says what yaml.v3 means. It may move the place.
func (f *fault) explain() {
	line := f.source.line(f.line)
	if i := strings.IndexByte(line, '\t'); i >= 0 && strings.Trim(line[:i], " ") == "" {
		f.at(i+1, "a tab cannot indent YAML", "indent with spaces")
		return
	}
	if f.leftOpen() {
		return
	}
	for _, w := range rewordings {
		if strings.Contains(f.message, w.message) {
			f.text, f.hint = w.text, w.hint
			if w.column != nil {
				f.column = w.column(line)
			}
			if w.also != nil {
				w.also(f, line)
			}
			return
		}
	}
	f.text = f.message
}

func (f *fault) at(column int, text, hint string) {
	f.column, f.text, f.hint = column, text, hint
}

// leftOpen looks for the quote or bracket of a line above that makes this one
// unreadable.
func (f *fault) leftOpen() bool {
	opened, quote := f.openBefore(f.line)
	if opened == 0 {
		return false
	}
	above := f.source.line(opened)
	switch {
	case quote && strings.Contains(f.message, "document indicator"): // a --- in a text that goes on
		f.text, f.hint = "the quote that is opened here is not closed", "close it"
	case quote:
		f.text = fmt.Sprintf("the quote that is opened here is closed at line %d, and more follows it there", f.line)
		f.hint = "close it on its own line"
	case !f.outdented(opened, f.line):
		return false // a list or map over several lines, with a mistake in it
	default:
		f.text, f.hint = "the bracket that is opened here is not closed", "close it, or put the text in quotes if it is part of one"
	}
	f.line = opened
	f.column, _, _ = lineFault(above)
	return true
}

// rewording is what an error of yaml.v3 means to a person.
type rewording struct {
	message    string
	text, hint string
	column     func(line string) int       // where it is, or nil for the line's beginning
	also       func(f *fault, line string) // what needs a closer look, or nil
}

const (
	inQuotes = "put the text in quotes"
	flowHint = "separate its parts by commas, and put text that holds , ? [ ] { } in quotes"
)

var rewordings = []rewording{
	{
		"mapping values are not allowed", "a second colon makes a key of this text",
		"put text that holds \": \" in quotes, or indent each key on a line of its own", secondColon, lineAbove,
	},
	{"could not find expected ':'", "this line is neither a key nor a value", "write key: value, with a space after the colon", nil, nil},
	{"did not find expected key", "this line does not fit the lines before it", "begin the keys of a map in one column", nil, withinLine},
	{"did not find expected '-' indicator", "this line does not fit the list before it", "begin each item of the list with - in one column", nil, nil},
	{"found unexpected end of stream", "the quote that is opened here is not closed", "close it", nil, withinLine},
	{"did not find expected ',' or", "this line does not fit the [ ] or { } that it is in", flowHint, nil, withinLine},
	{"did not find expected node content", "a value is missing here", flowHint, nil, withinLine},
	{"found character that cannot start any token", "text cannot begin with this character", inQuotes, reserved, nil},
	{"block sequence entries are not allowed", "a list cannot begin on the line of its key", "begin it on the next line, or write [one, two]", valueColumn, nil},
	{"mapping keys are not allowed", "text cannot begin with \"? \"", inQuotes, valueColumn, nil},
	{"found unknown escape character", "a backslash in double quotes begins an escape, and there is none of this name", `write \\ for a backslash, or use single quotes`, unknownEscape, nil},
	{"did not find expected hexdecimal number", "the escape is not complete", `write \xNN, \uNNNN, or \\ for a backslash`, hexEscape, nil},
	{"found invalid Unicode character escape code", "the escape is of no character", `write the character itself, or \\ for a backslash`, hexEscape, nil},
	{"found a tab character", "a tab cannot indent YAML", "indent with spaces", tab, nil},
	{"did not find expected alphabetic or numeric character", "* and & begin an alias or an anchor, and there is no name", inQuotes, aliasColumn, nil},
	{"did not find expected comment or line break", "| and > stand at the end of a line, and the text on the lines below", "put the text in quotes if it begins with | or >", valueColumn, nil},
	{"found an indentation indicator equal to 0", "| and > stand at the end of a line, and the text on the lines below", "put the text in quotes if it begins with | or >", valueColumn, nil},
	{"unknown anchor", "", "define it before, as &name", nil, unknownAnchor},
	{"exceeded max depth", fmt.Sprintf("lists and maps are nested deeper than %d levels", maxDepth), "", valueColumn, nil},
	{"did not find expected <document start>", "more follows where the map of keys has ended", "keep one map of keys in a file", nil, nil},
	{"found incompatible YAML document", "this version of YAML is not read", "leave the line out", nil, nil},
	{"directive", "a line that begins with % is a directive of YAML", inQuotes + ", or leave the line out", nil, nil},
	{"found undefined tag handle", "! begins a tag", inQuotes, tagColumn, nil},
	{"did not find expected tag URI", "! begins a tag", inQuotes, tagColumn, nil},
	{"did not find expected whitespace or line break", "! begins a tag", inQuotes, tagColumn, nil},
	{"did not find the expected '>'", "! begins a tag", inQuotes, tagColumn, nil},
	{"did not find expected '!'", "! begins a tag", inQuotes, tagColumn, nil},
	{"URI", "! begins a tag", inQuotes, tagColumn, nil},
}

// lineAbove tells a line that goes on the text of the line above, which was meant
// as a key, or as a value of its own.
func lineAbove(f *fault, line string) {
	if !f.keyAbove(line) && f.column == 0 {
		f.text, f.hint = "this line is indented further than the one above, which has its value", "begin the keys of a map in one column"
	}
}

// keyAbove looks for a line above that has no colon, with this line below it.
func (f *fault) keyAbove(line string) bool {
	above := f.line - 1
	for above > 0 && strings.TrimLeft(strings.SplitN(f.source.line(above), "#", 2)[0], " ") == "" {
		above--
	}
	text := f.source.line(above)
	if above == 0 || strings.Contains(text, ":") || strings.HasPrefix(strings.TrimSpace(text), "-") || indentation(text) >= indentation(line) {
		return false
	}
	f.line = above
	f.at(0, "this line is neither a key nor a value", "write key: value, with a space after the colon")
	return true
}

// withinLine looks for a line's quotes and brackets that do not match.
func withinLine(f *fault, line string) {
	if i := strings.Index(line, "{{"); i >= 0 {
		f.at(utf8.RuneCountInString(line[:i])+1, "{{ begins a map in a map", `put the text in quotes: "{{ … }}"`)
	} else if strings.HasPrefix(strings.TrimSpace(line), ":") {
		f.at(0, "there is no key before the colon", "write key: value")
	} else if strings.HasPrefix(strings.TrimSpace(line), "- ") {
		f.at(0, "this line does not fit the list before it", "begin each item of the list with - in one column")
	} else if column, text, hint := lineFault(line); column > 0 {
		f.at(column, text, hint)
	} else {
		f.keyAbove(line)
	}
}

// unknownAnchor finds the alias that names what was not defined.
func unknownAnchor(f *fault, line string) {
	m := anchorName.FindStringSubmatch(f.message)
	if m == nil {
		f.text = f.message
		return
	}
	f.text = "there is no anchor " + m[1]
	if i := strings.Index(line, "*"+m[1]); i >= 0 {
		f.column = utf8.RuneCountInString(line[:i]) + 1
	}
}
