package schema

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// secondColon is the column of the colon that makes a key of a value.
func secondColon(line string) int {
	from := valueColumn(line) - 1
	rest := line[byteOf(line, from):]
	if i := strings.Index(rest, ": "); i >= 0 {
		return from + utf8.RuneCountInString(rest[:i]) + 1
	}
	if strings.HasSuffix(rest, ":") {
		return utf8.RuneCountInString(line)
	}
	return 0
}

var (
	reservedStart = regexp.MustCompile("(?:^|[\\s\\[{,])([@`%\t])")
	escapeStart   = regexp.MustCompile(`\\(?:[^0abt\tnvfre "'/\\N_LPxuU])`)
	hexStart      = regexp.MustCompile(`\\(?:x[0-9a-fA-F]{0,1}(?:[^0-9a-fA-F]|$)|u[0-9a-fA-F]{0,3}(?:[^0-9a-fA-F]|$)|U[0-9a-fA-F]{0,7}(?:[^0-9a-fA-F]|$)|u[dD][89a-fA-F]|U)`)
	tagStart      = regexp.MustCompile(`(?:^|[\s\[{,])(!)`)
	aliasStart    = regexp.MustCompile(`(?:^|[\s\[{,])([*&])`)
	anchorName    = regexp.MustCompile(`unknown anchor '([^']*)'`)
)

func reserved(line string) int      { return columnOf(reservedStart, line) }
func unknownEscape(line string) int { return columnOf(escapeStart, line) }
func hexEscape(line string) int     { return columnOf(hexStart, line) }
func tagColumn(line string) int     { return columnOf(tagStart, line) }
func aliasColumn(line string) int   { return columnOf(aliasStart, line) }
func tab(line string) int {
	return utf8.RuneCountInString(line[:max(strings.IndexByte(line, '\t'), 0)]) + 1
}

// columnOf is the column of a pattern's group, or of all of it, in a line; 0 where
// it is not there.
func columnOf(pattern *regexp.Regexp, line string) int {
	m := pattern.FindStringSubmatchIndex(line)
	if m == nil {
		return 0
	}
	return utf8.RuneCountInString(line[:m[len(m)-2]]) + 1
}
