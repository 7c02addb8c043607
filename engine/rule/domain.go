package rule

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A domain is what is known of a variable's values besides their kind, by the
// tags of its field: min and max, or enum, as for the keys of the file; of a map,
// keys:"lower" where all its keys are in lower case.
type domain struct {
	least, most any      // plain values, nil where there is no limit
	words       []string // all there are, nil where it may be any text
	lower       bool     // a map's keys are in lower case
}

// countDomain is that of what counts something.
var countDomain = &domain{least: 0}

// domainOf reads a field's tags; nil where they say nothing.
func domainOf(tag reflect.StructTag, k kind) *domain {
	d := &domain{least: limitOf(tag.Get("min"), k), most: limitOf(tag.Get("max"), k), lower: tag.Get("keys") == "lower"}
	if enum := tag.Get("enum"); enum != "" && k == text {
		d.words = strings.Split(enum, ",")
	}
	if d.least == nil && d.most == nil && d.words == nil && !d.lower {
		return nil
	}
	return d
}

func limitOf(written string, k kind) any {
	if written == "" {
		return nil
	}
	switch k {
	case integer:
		if n, err := strconv.Atoi(written); err == nil {
			return n
		}
	case float:
		if f, err := strconv.ParseFloat(written, 64); err == nil {
			return f
		}
	case duration:
		if d, err := parseDuration(written); err == nil {
			return d
		}
	}
	panic(fmt.Sprintf("rule: %q is no limit of %s", written, k.phrase()))
}

// holds reports whether a value can be one of the variable's.
func (d *domain) holds(v any) bool {
	if s, ok := v.(string); ok {
		return d.words == nil || slices.Contains(d.words, s)
	}
	return (d.least == nil || order(v, d.least) >= 0) && (d.most == nil || order(v, d.most) <= 0)
}

// hint says what the values are, to somebody who thought of v.
func (d *domain) hint(v any) string {
	switch {
	case d.words != nil:
		if hint := didYouMean(fmt.Sprint(v), d.words); hint != "" {
			return hint
		}
		return "it is one of " + strings.Join(d.words, ", ")
	case d.least != nil && d.most != nil:
		return "it is from " + formatValue(d.least) + " to " + formatValue(d.most)
	case d.least != nil:
		return "it is never less than " + formatValue(d.least)
	}
	return "it is never more than " + formatValue(d.most)
}
