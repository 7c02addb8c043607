package rule

import (
	"errors"
	"math"
	"slices"
	"time"
)

// comparedWithPast are the kinds whose last value is kept, and not only a
// fingerprint of it.
var comparedWithPast = anyOf(integer, float, duration, moment)

// pastFunctions look back at earlier results of the same check, through the Memory
// that the machine is lent.
func pastFunctions() map[string]*function {
	return map[string]*function{
		"rate": {takes: []kinds{isNumber}, least: 1, most: 1, gives: always(perhaps(of(float))),
			special: compareWithPast(rate), null: noneBefore},
		"delta": {takes: []kinds{comparedWithPast}, least: 1, most: 1, gives: deltaType,
			special: compareWithPast(delta), null: noneBefore},
		"changed": {takes: []kinds{isAnything}, least: 1, most: 1, gives: always(perhaps(of(boolean))),
			special: compareWithPast(changed), null: noneBefore},
		"count_status": {takes: []kinds{isText, isText}, least: 2, most: 2, special: (*checker).countStatus},
	}
}

func deltaType(args []typ) typ {
	switch k := args[0].kind; k {
	case moment:
		return perhaps(of(duration))
	case anything:
		return unknown()
	default:
		return perhaps(typ{kind: k})
	}
}

// A recall is what a machine lends to the functions that look back: when the result
// that is judged ended, how long it took and whether the probe worked, and what is
// known of those before it.
type recall struct {
	memory  *Memory
	at      time.Time
	latency time.Duration
	worked  bool
}

// latencies are those of the results in a window that ends now, this one included,
// of probes that worked.
func (r *recall) latencies(window time.Duration) (all []any, steps uint, err error) {
	if r.worked {
		all = append(all, r.latency)
	}
	steps, err = r.memory.each(r.at.Add(-window), r.at, func(k kept) {
		if k.worked() {
			all = append(all, k.latency)
		}
	})
	return all, steps, err
}

// count is how many results before this one, in a window that ends now, had a status
// of some.
func (r *recall) count(some []int, window time.Duration) (n int, steps uint, err error) {
	steps, err = r.memory.each(r.at.Add(-window), r.at, func(k kept) {
		if slices.Contains(some, k.status()) {
			n++
		}
	})
	return n, steps, err
}

// A contrast is what becomes of a value, now, and of what is kept of an earlier one.
type contrast func(now any, was past, elapsed time.Duration, w *walk) (any, error)

var errOtherKind = errors.New("it was a value of another kind before")

// rate is by how much a number grows in a second. A counter that went back was set
// to 0 in between.
func rate(now any, was past, elapsed time.Duration, _ *walk) (any, error) {
	if was.value == nil {
		return nil, nil
	}
	if !isNumber.has(kindOf(was.value)) {
		return nil, errOtherKind
	}
	if elapsed <= 0 {
		return nil, errors.New("no time has gone by since the earlier result")
	}
	to, from := toFloat64(now), toFloat64(was.value)
	if to < from {
		from = 0
	}
	f := (to - from) / elapsed.Seconds()
	return f, finite(f)
}

// delta is a value less the earlier one.
func delta(now any, was past, _ time.Duration, _ *walk) (any, error) {
	if was.value == nil {
		return nil, nil
	}
	if kindOf(was.value).class() != kindOf(now).class() {
		return nil, errOtherKind
	}
	return calculate("-", now, was.value)
}

// changed tells whether a value differs from the earlier one.
func changed(now any, was past, _ time.Duration, w *walk) (any, error) {
	return fingerprint(now, w) != was.print, nil
}

// percentile is the least value that so many percent of all are not above.
func percentile(percent int) func([]any) (any, error) {
	return func(args []any) (any, error) {
		all, err := measured(args)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(all, order)
		return all[(len(all)*percent+99)/100-1], nil
	}
}

func percent(args []any) (any, error) {
	part, whole := args[0], args[1]
	if kindOf(part).class() != kindOf(whole).class() {
		return nil, errors.New("one value is " + kindOf(part).found() + " and the other one is " + kindOf(whole).found())
	}
	share, err := calculate("/", part, whole)
	if err != nil {
		return nil, err
	}
	f := share.(float64) * 100
	if math.IsInf(f, 0) {
		return nil, errLarge
	}
	return f, nil
}
