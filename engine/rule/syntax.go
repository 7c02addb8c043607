package rule

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// parse makes the tree of an expression that scan has passed. The parser is told
// of no variables, as a variable named count would hide the function.
func parse(s *source) (ast.Node, []Mistake) {
	tree, err := parser.ParseWithConfig(s.text, &conf.Config{MaxNodes: maxNodes})
	if err == nil {
		return tree.Node, nil
	}
	var at *file.Error
	if !errors.As(err, &at) {
		return nil, []Mistake{mistakeAt(span{0, len(s.text)}, "", "this cannot be read")}
	}
	return nil, []Mistake{syntaxMistake(s, s.place(at.Location), at.Message)}
}

// rewording is what the parser says, as the start of its message, and what we say.
var rewordings = []struct{ parser, message, hint string }{
	{"compilation failed: expression exceeds", "this has too many parts: at most 5000 are allowed", ""},
	{"expected name", "a name is missing after the dot", ""},
	{"expected at least", "an argument is missing", ""},
	{"wrap predicate", "a condition of several parts stands in braces: { … }", ""},
	{"a map key must be", "a key is a name, a string or a number, or stands in parentheses", ""},
	{"invalid integer literal", "this number is too large", ""},
	{"integer literal is too large", "this number is too large", ""},
	{"invalid float literal", "this number is too large", ""},
	{"float literal is too large", "this number is too large", ""},
	{"invalid ", "this number cannot be read", ""},
	{"invalid char escape", "this backslash means nothing here", `write \\ for a backslash, or put the text in backticks`},
	{"unable to unescape", "a backslash in this string means nothing", `write \\ for a backslash, or put the text in backticks`},
	{"literal not terminated", "this string is never closed", ""},
	{"unclosed comment", "this comment is never closed", ""},
	{"Operator (", "?? and what stands beside it need parentheses", "write (a ?? b) == c"},
}

func syntaxMistake(s *source, at span, message string) Mistake {
	if at.to <= at.from {
		at.to = min(at.from+1, len(s.text))
	}
	switch {
	case strings.HasPrefix(message, "unexpected token EOF"), strings.HasPrefix(message, "unexpected end"):
		end := len(strings.TrimRight(s.text, " \t\r\n"))
		_, last := utf8.DecodeLastRuneInString(s.text[:end])
		return mistakeAt(span{end - last, end}, "", "the expression ends too early")
	case strings.HasPrefix(message, "unexpected token"):
		return unexpected(s, at)
	case strings.HasPrefix(message, "bad number syntax"):
		return badNumber(s, at)
	case strings.HasPrefix(message, "unrecognized character"):
		return mistakeAt(at, "", "%s means nothing here", s.text[at.from:at.to])
	}
	// "invalid char escape" begins like "invalid " but says more: the longest wins.
	best := -1
	for i, r := range rewordings {
		if strings.HasPrefix(message, r.parser) && (best < 0 || len(r.parser) > len(rewordings[best].parser)) {
			best = i
		}
	}
	if best < 0 {
		return mistakeAt(at, "", "this cannot be read")
	}
	if strings.Contains(rewordings[best].message, "this number") { // the parser is past it
		if all := number.FindAllStringIndex(s.text[:at.to], -1); all != nil {
			at = span{all[len(all)-1][0], all[len(all)-1][1]}
		}
	}
	return mistakeAt(at, rewordings[best].hint, "%s", rewordings[best].message)
}

// spellings are what other languages write, and what to write here.
var spellings = map[string]string{
	"=": "write == to compare", "&": "write && or and", "|": "write || or or", "<>": "write !=",
	"AND": "write and", "OR": "write or", "NOT": "write not", "is": "write ==", "IS": "write ==",
	"And": "write and", "Or": "write or", "Not": "write not", "IN": "write in", "equals": "write ==",
	"like": "write contains or matches", "LIKE": "write contains or matches",
}

func unexpected(s *source, at span) Mistake {
	written := s.text[at.from:at.to]
	hint := spellings[written]
	after := s.text[at.to:]
	switch {
	case written == "#":
		return mistakeAt(at, "", "# stands for an element, within a condition such as any(rows, #.n > 3)")
	case written == "=" && at.from > 0 && strings.HasSuffix(s.text[:at.from], "=="):
		hint = "write =="
	case written == "=" && strings.HasPrefix(after, ">"):
		at.to, hint = at.to+1, "write >="
	case written == "=" && strings.HasPrefix(after, "<"):
		at.to, hint = at.to+1, "write <="
	case written == ">" && strings.HasSuffix(s.text[:at.from], "<"):
		at.from, hint = at.from-1, spellings["<>"]
	case hint == "" && isWordByte(written[0]) || written[0] == '"' || written[0] == '\'':
		hint = "an operator such as == or and may be missing before it"
	}
	return mistakeAt(at, hint, "unexpected %s", shorten(s.text[at.from:at.to], 40))
}

var number = regexp.MustCompile(`[0-9][0-9A-Za-z_.]*`)

var bareDuration = regexp.MustCompile(`^[0-9.]+(ns|us|µs|μs|ms|s|m|h|d)([0-9.]+(ns|us|µs|μs|ms|s|m|h|d))*$`)

// badNumber is a number with letters in it, most often a duration without quotes.
func badNumber(s *source, at span) Mistake {
	for at.from > 0 && (isWordByte(s.text[at.from-1]) || s.text[at.from-1] == '.') {
		at.from--
	}
	for at.to < len(s.text) && (isWordByte(s.text[at.to]) || s.text[at.to] == '.') {
		at.to++
	}
	written := s.text[at.from:at.to]
	if bareDuration.MatchString(written) {
		return mistakeAt(at, `write "`+written+`"`, "a duration stands in quotes")
	}
	return mistakeAt(at, "", "%s is not a number", shorten(written, 40))
}
