package rule

import (
	"math"
	"slices"
)

// contradictory reports whether some subject cannot be all that is said of it.
func contradictory(all []comparison) bool {
	bySubject := map[string]*possible{}
	for _, a := range all {
		p := bySubject[a.subject]
		if p == nil {
			p = newPossible(a)
			bySubject[a.subject] = p
		}
		p.narrow(a)
	}
	for _, p := range bySubject {
		if p.nothing() {
			return true
		}
	}
	return false
}

// possible is what a subject can still be.
type possible struct {
	whole bool  // numbers only, without fractions
	class kind  // of what it is compared with
	mixed bool  // it is compared with values of several classes
	few   []any // all that is left, where it can be counted; else nil
	from  limit
	to    limit
	not   []any
}

// A limit is an end of a range; value is nil where there is none.
type limit struct {
	value  any
	beyond bool // the value itself is not in the range
}

func newPossible(a comparison) *possible {
	p := &possible{whole: a.kind == integer, class: kindOf(a.value).class()}
	if p.class == boolean {
		p.few = []any{true, false}
	}
	if d := a.domain; d != nil {
		p.from.value, p.to.value = d.least, d.most
		for _, w := range d.words {
			p.few = append(p.few, w)
		}
	}
	return p
}

func (p *possible) narrow(a comparison) {
	if p.mixed = p.mixed || kindOf(a.value).class() != p.class; p.mixed {
		return
	}
	if p.few != nil {
		p.few = slices.DeleteFunc(p.few, func(v any) bool { return !compares(a.operator, v, a.value, &walk{}) })
		return
	}
	switch a.operator {
	case "!=":
		p.not = append(p.not, a.value)
	case "==":
		p.atLeast(limit{value: a.value})
		p.atMost(limit{value: a.value})
	case ">=":
		p.atLeast(limit{value: a.value})
	case "<=":
		p.atMost(limit{value: a.value})
	case ">":
		p.atLeast(p.next(a.value, 1))
	case "<":
		p.atMost(p.next(a.value, -1))
	}
}

// next is the limit beyond a value: of whole numbers, the next one.
func (p *possible) next(v any, step int) limit {
	if n, ok := v.(int); ok && p.whole && n != math.MaxInt && n != math.MinInt {
		return limit{value: n + step}
	}
	return limit{v, true}
}

func (p *possible) atLeast(l limit) {
	if p.from.value == nil || order(l.value, p.from.value) > 0 || order(l.value, p.from.value) == 0 && l.beyond {
		p.from = l
	}
}

func (p *possible) atMost(l limit) {
	if p.to.value == nil || order(l.value, p.to.value) < 0 || order(l.value, p.to.value) == 0 && l.beyond {
		p.to = l
	}
}

// nothing reports whether nothing is left.
func (p *possible) nothing() bool {
	switch {
	case p.mixed:
		return false
	case p.few != nil:
		return len(p.few) == 0
	case p.from.value == nil || p.to.value == nil:
		return false
	}
	at := order(p.from.value, p.to.value)
	return at > 0 || at == 0 && (p.from.beyond || p.to.beyond || p.excluded(p.from.value))
}

func (p *possible) excluded(v any) bool {
	return slices.ContainsFunc(p.not, func(other any) bool { return order(v, other) == 0 })
}
