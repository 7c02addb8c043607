package draft

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words are texts that YAML, or somebody's YAML, takes for something else.
var words = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}

// scalar is a text on one line, so that it reads as that text: without quotes where
// that is safe. within is whether it stands in a list or map on one line, or is a key.
func scalar(text string, within bool) string {
	switch {
	case isPlain(text, within):
		return text
	case text != strings.Map(shown, text):
		return escaped(text)
	case strings.ContainsAny(text, `"\`):
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}

var plainPattern = regexp.MustCompile(`^(-?[A-Za-z0-9][A-Za-z0-9._]*|\$\{[A-Za-z_][^{}#:,\[\]\s]*\})$`)

// String is how a plain value is written. A text that is none is quoted, for whoever
// reads it to refuse.
func (p Plain) String() string {
	if plainPattern.MatchString(string(p)) {
		return string(p)
	}
	return scalar(string(p), true)
}

// isPlain is whether a text may stand without quotes. It is careful rather than exact.
func isPlain(text string, within bool) bool {
	switch {
	case text == "", strings.HasSuffix(text, " "), strings.HasSuffix(text, ":"):
		return false
	case slices.Contains(words, strings.ToLower(text)), text != strings.Map(shown, text):
		return false
	case strings.Contains(text, "${"): // what it stands for may look like anything
		return false
	case strings.Contains(text, ": "), strings.Contains(text, " #"), within && strings.ContainsAny(text, ",[]{}?"):
		return false
	}
	rest := strings.TrimPrefix(strings.TrimLeft(text[:1], "+-")+text[1:], "-") // an option, but no number
	first, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(first) || strings.ContainsRune("/$(", first)
}

// shown drops what cannot stand in a file as it is.
func shown(r rune) rune {
	if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
		return -1
	}
	return r
}

// escaped is a text within double quotes, with escapes.
func escaped(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case shown(r) == r:
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return b.String() + `"`
}

// block is the header and the lines of a text of several lines, or nothing for one
// that has to stand in quotes.
func block(text string) (header string, lines []string) {
	body := strings.TrimSuffix(text, "\n")
	lines = strings.Split(body, "\n")
	if len(lines) < 2 || lines[0] == "" || lines[0][0] == ' ' || lines[len(lines)-1] == "" {
		return "", nil
	}
	for _, line := range lines {
		if line != strings.Map(shown, line) || strings.HasSuffix(line, " ") {
			return "", nil
		}
	}
	if body == text {
		return "|-", lines
	}
	return "|", lines
}

// printable is a comment's text without what cannot stand in a file.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if shown(r) != r {
			return '?'
		}
		return r
	}, text)
}
