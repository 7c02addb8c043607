package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"polyhealth/schema"
)

// A kind is what a placeholder of a condition stands for.
type kind int

const (
	constant kind = iota
	number
	span   // of time
	word   // a text
	value  // of JSON, whose kind is not known
	truth  // an expression that is true or false
	listed // a word that a program prints among others
)

// A term is what one side of a condition is in a rule.
type term struct {
	kind kind
	rule string // an expression; of listed, a pattern that has the word at %s
	name string // as Gatus has it
}

// A vocabulary is what the placeholders of Gatus are to a type of check.
type vocabulary struct {
	terms map[string]term
	json  string            // the variable that holds the body as JSON, where there is one
	exact map[string]string // the rules of whole conditions
	// always is a rule without which no other says anything.
	always string
}

// operators of a condition, in the order in which Gatus looks for them, and what
// each is where the sides are swapped.
var operators = []struct{ text, swapped string }{
	{"==", "=="}, {"!=", "!="}, {"<=", ">="}, {">=", "<="}, {">", "<"}, {"<", ">"},
}

// A gap is why a condition has no equivalent.
type gap string

// rule is a condition as an expression, or why it has none.
func (v vocabulary) rule(condition string) (string, gap) {
	if rule, ok := v.exact[strings.Join(strings.Fields(condition), " ")]; ok {
		return rule, ""
	}
	for _, op := range operators {
		sides := strings.Split(condition, " "+op.text+" ")
		if len(sides) < 2 {
			continue
		}
		left, why := v.term(strings.TrimSpace(sides[0]))
		if why != "" {
			return "", why
		}
		right, why := v.term(strings.TrimSpace(sides[1]))
		if why != "" {
			return "", why
		}
		if left.kind == constant {
			left, right = right, left
			op.text = op.swapped
		}
		return compare(left, op.text, right)
	}
	return "", "it holds no operator"
}

var placeholderPattern = regexp.MustCompile(`^\[([A-Za-z_]+)\](.*)$`)

// term reads one side of a condition.
func (v vocabulary) term(text string) (term, gap) {
	function, inner := "", text
	for _, f := range []string{"len", "has"} {
		if in, ok := strings.CutPrefix(text, f+"("); ok && strings.HasSuffix(in, ")") {
			function, inner = f, strings.TrimSuffix(in, ")")
		}
	}
	m := placeholderPattern.FindStringSubmatch(inner)
	if m == nil {
		return term{constant, text, text}, ""
	}
	name := strings.ToUpper(m[1])
	t, known := v.terms[name]
	t.name = text
	switch {
	case name == "BODY" && m[2] != "":
		return v.path(text, function, m[2])
	case known && function == "":
		return t, ""
	case known && name == "BODY" && t.kind == word:
		return body(text, function, t.rule), ""
	case known:
		return t, gap(function + "() of [" + name + "] has no meaning here")
	}
	if why, ok := nowhere[name]; ok {
		return t, gap(why)
	}
	return t, gap("[" + name + "] is no placeholder that this import knows; for Gatus it is a text as any other")
}

// nowhere are the placeholders that a check here knows nothing of.
var nowhere = map[string]string{
	"STATUS": "there is no status here", "IP": "rules do not see the address",
	"DNS_RCODE": "only a DNS endpoint has it", "BODY": "rules see no body here",
	"RESPONSE_TIME": "rules see no time here", "CONNECTED": "it is not known here",
	"CERTIFICATE_EXPIRATION": "rules see no certificate here",
	"DOMAIN_EXPIRATION":      "nothing asks whois", "CONTEXT": "there are no suites",
}

// body is len() or has() of the whole body. A list's length is its elements'.
func body(text, function, rule string) term {
	if function == "has" {
		return term{truth, rule + ` != ""`, text}
	}
	return term{number, fmt.Sprintf(`(%s startsWith "[" ? len(fromJSON(%s)) : len(%s))`, rule, rule, rule), text}
}

var pathPattern = regexp.MustCompile(`^\.?([^.\[\]]*)((?:\[\d{1,9}\])*)`)

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// path is a value within the body, such as .data[0].name.
func (v vocabulary) path(text, function, path string) (term, gap) {
	if v.json == "" {
		return term{}, "rules see no body here"
	}
	rule := v.json
	for rest := path; rest != ""; {
		m := pathPattern.FindStringSubmatch(rest)
		if m[0] == "" || m[0] == "." {
			return term{}, "the path cannot be read"
		}
		rest = rest[len(m[0]):]
		switch {
		case m[1] == "":
		case identifier.MatchString(m[1]):
			rule += "." + m[1]
		default:
			rule += "[" + quoted(m[1]) + "]"
		}
		rule += m[2]
	}
	switch function {
	case "len":
		return term{number, "len(" + rule + ")", text}, ""
	case "has":
		return term{truth, "(" + rule + " ?? nil) != nil", text}, ""
	}
	return term{value, rule, text}, ""
}

// comparisons are how each kind is compared with a constant.
var comparisons = map[kind]func(t term, op, with string) (string, gap){
	number: compareNumber, span: compareSpan, word: compareWord, value: compareValue,
	truth: compareTruth, listed: compareListed,
}

func compare(left term, op string, right term) (string, gap) {
	switch {
	case left.kind == constant && right.kind == constant:
		return "", "it compares two constants, and so says nothing of the endpoint"
	case right.kind == constant:
		return comparisons[left.kind](left, op, right.rule)
	case left.kind >= truth || right.kind >= truth, left.kind != right.kind && left.kind != value && right.kind != value,
		op != "==" && op != "!=" && (left.kind == word || right.kind == word):
		return "", "the two cannot be compared"
	}
	return left.rule + " " + op + " " + right.rule, ""
}

func compareNumber(t term, op, with string) (string, gap) {
	return oneOf(t.rule, "string("+t.rule+")", op, with, func(option string) (string, bool) {
		if wholePattern.MatchString(option) { // a variable too
			return option, true
		}
		n, err := strconv.ParseFloat(option, 64)
		if err != nil || n != n || n > 1e15 || n < -1e15 {
			return "", false
		}
		return strconv.FormatFloat(n, 'f', -1, 64), true
	})
}

func compareSpan(t term, op, with string) (string, gap) {
	if op == "==" || op == "!=" {
		return "", "a time is compared by < or >"
	}
	if ms, err := strconv.ParseInt(with, 10, 64); err == nil {
		with = fmt.Sprintf("%dms", ms)
	}
	d, err := time.ParseDuration(with)
	if err != nil || d < 0 {
		return "", gap(fmt.Sprintf("%q is no time", with))
	}
	return fmt.Sprintf("%s %s %q", t.rule, op, schema.Duration(d).String()), ""
}

func compareWord(t term, op, with string) (string, gap) {
	if op != "==" && op != "!=" {
		return "", "a text is compared by == or !="
	}
	return oneOf(t.rule, t.rule, op, with, asText)
}

func asText(option string) (string, bool) { return quoted(option), true }

// compareValue takes a constant for what it looks like: Gatus compares the two as
// texts, our rules do not.
func compareValue(t term, op, with string) (string, gap) {
	literal := func(option string) (string, bool) {
		if option == "true" || option == "false" || numberPattern.MatchString(option) {
			return option, true
		}
		return quoted(option), true
	}
	if op != "==" && op != "!=" && !numberPattern.MatchString(with) {
		return "", gap(fmt.Sprintf("%q is no number", with))
	}
	return oneOf(t.rule, t.rule, op, with, literal)
}

var numberPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?$`)

func compareTruth(t term, op, with string) (string, gap) {
	if op != "==" && op != "!=" || with != "true" && with != "false" {
		return "", "it is true or false"
	}
	if (op == "==") == (with == "true") {
		return t.rule, ""
	}
	for _, empty := range []string{"nil", `""`} {
		if rule, ok := strings.CutSuffix(t.rule, " != "+empty); ok {
			return rule + " == " + empty, ""
		}
	}
	return "not (" + t.rule + ")", ""
}

// compareListed looks for the word in what a program prints.
func compareListed(t term, op, with string) (string, gap) {
	if op != "==" && op != "!=" {
		return "", "it is compared by == or !="
	}
	pattern := regexp.QuoteMeta(with)
	if glob, ok := within(with, "pat"); ok {
		pattern = globPattern(glob, `\S`)
	}
	if options, ok := within(with, "any"); ok {
		var all []string
		for option := range strings.SplitSeq(options, ",") {
			all = append(all, regexp.QuoteMeta(strings.TrimSpace(option)))
		}
		pattern = "(" + strings.Join(all, "|") + ")"
	}
	return negated(op, "stdout matches "+quoted(strings.ReplaceAll(t.rule, "%s", pattern))), ""
}

// oneOf compares with a constant, with any() of several, or with a pat(). text is
// the same as a text.
func oneOf(rule, text, op, with string, literal func(string) (string, bool)) (string, gap) {
	equal := op == "==" || op == "!="
	if glob, ok := within(with, "pat"); ok && equal {
		if glob == "*" {
			return "", "everything fits the pattern"
		}
		return negated(op, matching(text, glob)), ""
	}
	if options, ok := within(with, "any"); ok && equal {
		return anyOf(rule, op, strings.Split(options, ","), literal)
	}
	constant, ok := literal(with)
	if !ok {
		return "", gap(fmt.Sprintf("%q is no number", with))
	}
	return rule + " " + op + " " + constant, ""
}

// anyOf is in a list, whose elements are texts unless all are something else.
func anyOf(rule, op string, options []string, literal func(string) (string, bool)) (string, gap) {
	constants, texts := make([]string, len(options)), 0
	for i, option := range options {
		c, ok := literal(strings.TrimSpace(option))
		if !ok {
			return "", gap(fmt.Sprintf("%q is no number", option))
		}
		if constants[i] = c; strings.HasPrefix(c, `"`) || strings.HasPrefix(c, "`") {
			texts++
		}
	}
	if texts > 0 {
		for i, option := range options {
			constants[i] = quoted(strings.TrimSpace(option))
		}
	}
	list := "[" + strings.Join(constants, ", ") + "]"
	if op == "!=" {
		return rule + " not in " + list, ""
	}
	return rule + " in " + list, ""
}

// within is what stands in the parentheses of a function.
func within(text, function string) (string, bool) {
	in, ok := strings.CutPrefix(text, function+"(")
	if !ok || !strings.HasSuffix(in, ")") {
		return "", false
	}
	return strings.TrimSuffix(in, ")"), true
}

func negated(op, rule string) string {
	if op == "!=" {
		return "not (" + rule + ")"
	}
	return rule
}

// matching is whether a text fits a pattern of * and ?.
func matching(text, glob string) string {
	middle := strings.Trim(glob, "*")
	if middle != "" && !strings.ContainsAny(middle, `*?[\`) {
		before, after := strings.HasPrefix(glob, "*"), strings.HasSuffix(glob, "*")
		switch {
		case before && after:
			return text + " contains " + quoted(middle)
		case before:
			return text + " endsWith " + quoted(middle)
		case after:
			return text + " startsWith " + quoted(middle)
		}
		return text + " == " + quoted(middle)
	}
	return text + " matches " + quoted("^"+globPattern(glob, "(?s:.)")+"$")
}

// globPattern is a pattern of * and ? as a regular expression. character is what ?
// stands for.
func globPattern(glob, character string) string {
	var b strings.Builder
	for rest := []rune(glob); len(rest) > 0; rest = rest[1:] {
		switch rest[0] {
		case '*':
			b.WriteString(character + "*")
		case '?':
			b.WriteString(character)
		case '[':
			end := slices.Index(rest, ']')
			if end < 2 {
				b.WriteString(`\[`)
				continue
			}
			b.WriteString(string(rest[:end+1]))
			rest = rest[end:]
		case '\\':
			if len(rest) > 1 {
				rest = rest[1:]
			}
			fallthrough
		default:
			b.WriteString(regexp.QuoteMeta(string(rest[0])))
		}
	}
	return b.String()
}
