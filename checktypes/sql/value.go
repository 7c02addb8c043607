package sql

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// kinds are what a column may be declared as.
var kinds = []string{"int", "float", "string", "bool", "time"}

// A column knows how its values become what rules see.
type column struct {
	name     string
	native   string // the database's name of its type, upper case, or ""
	declared string // one of kinds, or ""
}

// value is what a rule sees of what the driver returned.
func (c column) value(raw any) (any, error) {
	v := plain(c.native, raw)
	if v == nil || c.declared == "" {
		return v, nil
	}
	if fit, ok := convert(c.declared, v); ok {
		return fit, nil
	}
	article := "a"
	if c.declared == "int" {
		article = "an"
	}
	shown := brief(v)
	if _, ok := v.(string); ok {
		shown = strconv.Quote(shown)
	}
	return nil, misfitf("the column %s holds %s, which is not %s %s", c.name, shown, article, c.declared)
}

// plain is raw as an int, float64, string, bool, time.Time in UTC or nil, by what
// the database calls its type. A NaN is nil: a comparison with it would be false
// without a word, and one with nil is not.
func plain(native string, raw any) any {
	switch v := raw.(type) {
	case int64:
		return whole(v)
	case uint64:
		if v > math.MaxInt64 {
			return float64(v)
		}
		return whole(int64(v))
	case float32:
		return number(shortest(v))
	case float64:
		if native == "FLOAT4" {
			return number(shortest(float32(v)))
		}
		return number(v)
	case []byte:
		if native == "BIT" && len(v) <= 8 {
			return plain("", binary.BigEndian.Uint64(append(make([]byte, 8-len(v), 8), v...)))
		}
		return textual(native, string(v))
	case string:
		return textual(native, v)
	case time.Time:
		if v.IsZero() { // MySQL's 0000-00-00
			return nil
		}
		return v.UTC()
	case bool, nil:
		return v
	}
	return fmt.Sprint(raw)
}

// textual is a number where the database has one that the driver hands on as text.
func textual(native, s string) any {
	if native == "NUMERIC" || native == "DECIMAL" {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return number(f)
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func whole(n int64) any {
	if n < math.MinInt || n > math.MaxInt {
		return float64(n)
	}
	return int(n)
}

func number(f float64) any {
	if math.IsNaN(f) {
		return nil
	}
	return f
}

// shortest keeps 0.1 of a single-precision number from being 0.10000000149.
func shortest(f float32) float64 {
	d, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	return d
}

// convert is v, which is not nil, as the declared kind, where nothing is lost.
func convert(kind string, v any) (any, bool) {
	switch kind {
	case "int":
		return toInt(v)
	case "float":
		return toFloat(v)
	case "bool":
		return toBool(v)
	case "time":
		return toTime(v)
	default:
		return text(v), true
	}
}

func toInt(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
			return int(v), true
		}
	case string:
		n, err := strconv.Atoi(strings.TrimSpace(v))
		return n, err == nil
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return nil, false
}

func toFloat(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil && !math.IsNaN(f)
	}
	return nil, false
}

func toBool(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int:
		return v == 1, v == 0 || v == 1
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "t", "yes", "on", "1":
			return true, true
		case "false", "f", "no", "off", "0":
			return false, true
		}
	}
	return nil, false
}

// toTime takes times, texts as databases write them (UTC where they name no zone),
// and numbers as seconds since 1970.
func toTime(v any) (any, bool) {
	switch v := v.(type) {
	case time.Time:
		return v, true
	case int:
		return time.Unix(int64(v), 0).UTC(), true
	case float64:
		if seconds := math.Floor(v); math.Abs(v) < 1e12 {
			return time.Unix(int64(seconds), int64((v-seconds)*1e9)).UTC(), true
		}
	case string:
		for _, layout := range []string{
			time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02T15:04:05",
			time.DateTime, "2006-01-02 15:04", time.DateOnly,
		} {
			if t, err := time.Parse(layout, strings.TrimSpace(v)); err == nil {
				return t.UTC(), true
			}
		}
	}
	return nil, false
}

// text is a value as a message writes it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}
