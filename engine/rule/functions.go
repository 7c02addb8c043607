package rule

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A function is what an expression may call by name. Functions that go through a
// list with a condition are loops instead.
type function struct {
	takes []kinds // what each argument may be; the last one may repeat
	least int     // arguments at least
	most  int     // and at most, -1 for any number
	alike bool    // a quoted duration among durations is one
	gives func(args []typ) typ
	// does gets plain values of the right kinds.
	does func(args []any) (any, error)
	// null says why the result may be null, where that needs words.
	null string
	// special makes the node of a call that does is not all of; false where this call
	// is a plain one after all. Nil for most functions.
	special func(c *checker, call *calling) (ast.Node, typ, bool)
}

// always is the result type of a function that has only one.
func always(t typ) func([]typ) typ { return func([]typ) typ { return t } }

func listOf(elem typ) typ {
	t := of(list)
	t.elem = &elem
	return t
}

// perhaps is t, or null.
func perhaps(t typ) typ {
	t.null = true
	return t
}

func elementOf(args []typ) typ { return perhaps(args[0].element()) }

// sameList is a list of what the first argument holds.
func sameList(args []typ) typ { return listOf(args[0].element()) }

var (
	isText     = anyOf(text)
	isNumber   = anyOf(integer, float)
	isList     = anyOf(list)
	isMap      = anyOf(mapping, record)
	isAnything = ^kinds(0)
)

var (
	errEmptyList = errors.New("the list is empty")
	errLongList  = errors.New("the list is too long")
	errOrder     = errors.New(`the order is "asc" or "desc"`)
)

// maxList bounds a list that a function makes.
const maxList = 100_000

// functions are all functions by name. It is built once a scope, and never
// changed.
func functions() map[string]*function {
	all := map[string]*function{}
	for _, group := range []map[string]*function{
		textFunctions(), numberFunctions(), bitFunctions(), listFunctions(), mapFunctions(), timeFunctions(),
		pastFunctions(),
	} {
		maps.Copy(all, group)
	}
	return all
}

// forbidden are functions of the library that a rule must not call, and why.
var forbidden = map[string]string{
	"now":      "write now, which is when the probe ended",
	"repeat":   "it can make a text of any length",
	"timezone": "times are compared as they are, whatever their zone",
}

func textFunctions() map[string]*function {
	return map[string]*function{
		"len": {takes: []kinds{anyOf(text, list, mapping)}, least: 1, most: 1,
			gives: always(of(integer)), does: length},
		"string":      {takes: []kinds{isAnything}, least: 1, most: 1, gives: always(of(text)), does: toText},
		"type":        {takes: []kinds{isAnything}, least: 1, most: 1, gives: always(of(text)), does: typeName},
		"upper":       onText(1, func(s []string) any { return strings.ToUpper(s[0]) }, text),
		"lower":       onText(1, func(s []string) any { return strings.ToLower(s[0]) }, text),
		"trimPrefix":  onText(2, func(s []string) any { return strings.TrimPrefix(s[0], s[1]) }, text),
		"trimSuffix":  onText(2, func(s []string) any { return strings.TrimSuffix(s[0], s[1]) }, text),
		"hasPrefix":   onText(2, func(s []string) any { return strings.HasPrefix(s[0], s[1]) }, boolean),
		"hasSuffix":   onText(2, func(s []string) any { return strings.HasSuffix(s[0], s[1]) }, boolean),
		"indexOf":     onText(2, func(s []string) any { return inCharacters(s[0], strings.Index(s[0], s[1])) }, integer),
		"lastIndexOf": onText(2, func(s []string) any { return inCharacters(s[0], strings.LastIndex(s[0], s[1])) }, integer),
		"trim":        {takes: []kinds{isText}, least: 1, most: 2, gives: always(of(text)), does: trim},
		"split": {takes: []kinds{isText, isText, isNumber}, least: 2, most: 3,
			gives: always(listOf(of(text))), does: splitter(strings.SplitN)},
		"splitAfter": {takes: []kinds{isText, isText, isNumber}, least: 2, most: 3,
			gives: always(listOf(of(text))), does: splitter(strings.SplitAfterN)},
		"replace": {takes: []kinds{isText, isText, isText, isNumber}, least: 3, most: 4,
			gives: always(of(text)), does: replace},
		"join":     {takes: []kinds{isList, isText}, least: 1, most: 2, gives: always(of(text)), does: join},
		"toJSON":   {takes: []kinds{isAnything}, least: 1, most: 1, gives: always(of(text)), does: toJSON},
		"fromJSON": {takes: []kinds{isText}, least: 1, most: 1, gives: always(unknown()), does: fromJSON},
		"toBase64": {takes: []kinds{isText}, least: 1, most: 1, gives: always(of(text)), does: toBase64},
		"semver": {takes: []kinds{isText}, least: 1, most: 1, gives: always(of(semantic)), does: toVersion,
			special: (*checker).literal},
		"fromBase64": {takes: []kinds{isText}, least: 1, most: 1, gives: always(of(text)), does: fromBase64},
	}
}

// onText is a function of n texts that cannot fail.
func onText(n int, does func([]string) any, gives kind) *function {
	return &function{takes: []kinds{isText}, least: n, most: n, gives: always(of(gives)),
		does: func(args []any) (any, error) {
			var texts [2]string
			for i := range args {
				texts[i] = args[i].(string)
			}
			return does(texts[:]), nil
		}}
}

func numberFunctions() map[string]*function {
	same := func(args []typ) typ { return likely(args[0].kind, args) }
	extreme := func(args []typ) typ { return likely(alikeKind(args), args) }
	average := func(args []typ) typ {
		k := alikeKind(args)
		if k == integer {
			k = float
		}
		return likely(k, args)
	}
	// A summary is one of values and of lists of them, or of the latencies of a window.
	summary := func(gives func([]typ) typ, does func([]any) (any, error)) *function {
		measures := anyOf(integer, float, duration, moment, list)
		return &function{takes: []kinds{measures}, least: 1, most: -1, alike: true, gives: gives, does: does,
			special: (*checker).window, null: noneWorked}
	}
	rounded := func(round func(float64) float64) *function {
		return &function{takes: []kinds{isNumber}, least: 1, most: 1, gives: always(of(float)), does: rounder(round)}
	}
	return map[string]*function{
		"abs":    {takes: []kinds{isNumber | anyOf(duration)}, least: 1, most: 1, gives: same, does: absolute},
		"ceil":   rounded(math.Ceil),
		"floor":  rounded(math.Floor),
		"round":  rounded(math.Round),
		"int":    {takes: []kinds{isNumber | isText}, least: 1, most: 1, gives: always(of(integer)), does: toInt},
		"float":  {takes: []kinds{isNumber | isText}, least: 1, most: 1, gives: always(of(float)), does: toFloat},
		"max":    summary(extreme, extremeOf(1)),
		"min":    summary(extreme, extremeOf(-1)),
		"sum":    {takes: []kinds{isList}, least: 1, most: 1, gives: sumType, does: sum},
		"mean":   summary(average, mean),
		"avg":    summary(average, mean),
		"median": summary(average, median),
		"p90":    summary(extreme, percentile(90)),
		"p95":    summary(extreme, percentile(95)),
		"p99":    summary(extreme, percentile(99)),
		"percent": {takes: []kinds{isNumber | anyOf(duration)}, least: 2, most: 2, alike: true,
			gives: always(of(float)), does: percent, special: (*checker).share},
	}
}

// alikeKind is the kind of all arguments and of what the lists among them hold,
// or anything.
func alikeKind(args []typ) kind {
	k := anything
	for i, a := range args {
		if a.kind == list {
			a = a.element()
		}
		if i > 0 && a.kind != k {
			return anything // 1 and 2.5 are numbers, whose kind is known in the end
		}
		k = a.kind
	}
	if !measurable.has(k) {
		return anything
	}
	return k
}

var measurable = anyOf(integer, float, duration, moment)

// likely is a kind that is certain where the arguments are.
func likely(k kind, args []typ) typ {
	for _, a := range args {
		if a.kind == list {
			a = a.element()
		}
		if k == anything || !a.steady() {
			return typ{kind: k, null: k == anything}
		}
	}
	return of(k)
}

// sumType is not certain, as the sum of nothing is the number 0.
func sumType(args []typ) typ {
	if k := args[0].element().kind; measurable.has(k) && k != moment {
		return typ{kind: k}
	}
	return unknown()
}

func bitFunctions() map[string]*function {
	all := map[string]*function{}
	for name, does := range bitOperations() {
		all[name] = &function{takes: []kinds{isNumber}, least: 2, most: 2, gives: always(of(integer)), does: onWhole(does)}
	}
	all["bitnot"] = &function{takes: []kinds{isNumber}, least: 1, most: 1, gives: always(of(integer)),
		does: onWhole(func(n []int) (int, error) { return ^n[0], nil })}
	return all
}

func listFunctions() map[string]*function {
	return map[string]*function{
		"first": {takes: []kinds{isList}, least: 1, most: 1, gives: elementOf, does: firstOf},
		"last":  {takes: []kinds{isList}, least: 1, most: 1, gives: elementOf, does: lastOf},
		"take":  {takes: []kinds{isList, isNumber}, least: 2, most: 2, gives: sameList, does: take},
		"reverse": {takes: []kinds{isList}, least: 1, most: 1, gives: sameList, does: func(args []any) (any, error) {
			l := slices.Clone(asList(args[0]))
			slices.Reverse(l)
			return l, nil
		}},
		"uniq":    {takes: []kinds{isList}, least: 1, most: 1, gives: sameList, does: uniq},
		"concat":  {takes: []kinds{isList}, least: 1, most: -1, gives: always(of(list)), does: concat},
		"flatten": {takes: []kinds{isList}, least: 1, most: 1, gives: always(of(list)), does: flatten},
		"sort":    {takes: []kinds{isList, isText}, least: 1, most: 2, gives: sameList, does: sortList},
	}
}

func mapFunctions() map[string]*function {
	return map[string]*function{
		"get": {takes: []kinds{isMap | isList | anyOf(null), isText | isNumber | anyOf(boolean)}, least: 2, most: 2,
			gives: elementOf, does: get},
		"keys":      {takes: []kinds{isMap}, least: 1, most: 1, gives: always(listOf(of(text))), does: keysOf},
		"values":    {takes: []kinds{isMap}, least: 1, most: 1, gives: sameList, does: valuesOf},
		"toPairs":   {takes: []kinds{isMap}, least: 1, most: 1, gives: always(of(list)), does: toPairs},
		"fromPairs": {takes: []kinds{isList}, least: 1, most: 1, gives: always(of(mapping)), does: fromPairs},
		"jsonpath":  {takes: []kinds{isAnything, isText}, least: 2, most: 2, special: (*checker).path},
	}
}

// timeFunctions are functions, and the methods of times and durations, which are
// called as now.Hour().
func timeFunctions() map[string]*function {
	all := map[string]*function{
		"duration": {takes: []kinds{isText}, least: 1, most: 1, gives: always(of(duration)), does: toDurationValue,
			special: (*checker).literal},
		"date": {takes: []kinds{isText}, least: 1, most: 2, gives: always(of(moment)), does: date,
			special: (*checker).literal},
		"since": {takes: []kinds{isText | anyOf(moment)}, least: 1, most: 1, gives: always(of(duration)), does: since,
			special: (*checker).fromNow},
		"age": {takes: []kinds{isText | anyOf(moment)}, least: 1, most: 1, gives: always(of(duration)), does: since,
			special: (*checker).fromNow},
		"until": {takes: []kinds{isText | anyOf(moment)}, least: 1, most: 1, gives: always(of(duration)), does: until,
			special: (*checker).fromNow},
	}
	for name, does := range timeMethods() {
		all[name] = &function{takes: []kinds{anyOf(moment)}, least: 1, most: 1, gives: always(of(integer)), does: does}
	}
	for name, does := range durationMethods() {
		all[name] = &function{takes: []kinds{anyOf(duration)}, least: 1, most: 1, gives: always(of(float)), does: does}
	}
	all[".Format"] = &function{takes: []kinds{anyOf(moment), isText}, least: 2, most: 2, gives: always(of(text)), does: formatTime}
	return all
}
