package rule

import (
	"errors"
	"time"

	"github.com/expr-lang/expr/builtin"
)

var errNoDate = errors.New("not a date")

func toDurationValue(args []any) (any, error) {
	d, err := parseDuration(args[0].(string))
	if err != nil {
		return nil, quoted(args[0].(string), err)
	}
	return d, nil
}

// date reads a date by the library's list of layouts, or by the one given.
func date(args []any) (any, error) {
	v, err := builtin.Builtins[builtin.Index["date"]].Func(args...)
	if err != nil {
		return nil, quoted(args[0].(string), errNoDate)
	}
	return v, nil
}

func timeMethods() map[string]func([]any) (any, error) {
	of := func(part func(time.Time) int) func([]any) (any, error) {
		return func(args []any) (any, error) { return part(args[0].(time.Time)), nil }
	}
	return map[string]func([]any) (any, error){
		".Year": of(time.Time.Year), ".YearDay": of(time.Time.YearDay), ".Day": of(time.Time.Day),
		".Hour": of(time.Time.Hour), ".Minute": of(time.Time.Minute), ".Second": of(time.Time.Second),
		".Month":   of(func(t time.Time) int { return int(t.Month()) }),
		".Weekday": of(func(t time.Time) int { return int(t.Weekday()) }),
		".Unix":    of(func(t time.Time) int { return int(t.Unix()) }),
	}
}

func durationMethods() map[string]func([]any) (any, error) {
	of := func(part func(time.Duration) float64) func([]any) (any, error) {
		return func(args []any) (any, error) { return part(args[0].(time.Duration)), nil }
	}
	return map[string]func([]any) (any, error){
		".Hours": of(time.Duration.Hours), ".Minutes": of(time.Duration.Minutes), ".Seconds": of(time.Duration.Seconds),
		".Milliseconds": of(func(d time.Duration) float64 { return float64(d) / 1e6 }),
		".Microseconds": of(func(d time.Duration) float64 { return float64(d) / 1e3 }),
	}
}

func formatTime(args []any) (any, error) {
	return args[0].(time.Time).Format(args[1].(string)), nil
}

// since is how long before now, its second argument, a time was; of text, the date
// that it holds.
func since(args []any) (any, error) {
	t, ok := args[0].(time.Time)
	if !ok {
		read, err := date(args[:1])
		if err != nil {
			return nil, err
		}
		t = read.(time.Time)
	}
	return args[1].(time.Time).Sub(t), nil
}

func until(args []any) (any, error) {
	d, err := since(args)
	if err != nil {
		return nil, err
	}
	return calculate("*", d, -1)
}
