package rule

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxText bounds a text that an expression makes, in bytes.
const maxText = 1 << 20

// formatValue writes a plain value for people: durations as 1.21s, times in RFC
// 3339 UTC, lists and maps as compact JSON, null as null.
func formatValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return string(appendFloat(nil, v))
	case string:
		return v
	case time.Duration:
		return formatDuration(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case version:
		return v.text
	}
	b, _ := toJSONText(v, maxText)
	return string(b)
}

// appendFloat writes no exponent where a person would write none, and no zeros
// behind the point.
func appendFloat(b []byte, f float64) []byte {
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'g'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// toJSONText writes any value as compact JSON with sorted keys; what JSON does not
// have is text. It stops soon after most bytes, with an error.
func toJSONText(v any, most int) ([]byte, error) {
	w := jsonWriter{most: most}
	w.value(v)
	return w.b, w.failed
}

type jsonWriter struct {
	b      []byte
	most   int
	walk   walk
	failed error
}

func (w *jsonWriter) value(v any) {
	if len(w.b) > w.most {
		w.failed = errLong
	} else if !w.walk.enter(1) {
		w.failed = w.walk.err()
	}
	if w.failed != nil {
		return
	}
	switch v := plain(v).(type) {
	case nil, bool, int:
		w.b = append(w.b, formatValue(v)...)
	case float64:
		if finite(v) == nil {
			w.b = appendFloat(w.b, v)
		} else {
			w.b = appendString(w.b, formatValue(v))
		}
	case string, time.Duration, time.Time, version:
		w.b = appendString(w.b, formatValue(v))
	default:
		w.container(v)
	}
	w.walk.leave()
}

func (w *jsonWriter) container(v any) {
	switch kindOf(v) {
	case list:
		w.b = append(w.b, '[')
		if w.tooMany(v) {
			return
		}
		for i, e := range asList(v) {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			if w.value(e); w.failed != nil {
				return
			}
		}
		w.b = append(w.b, ']')
	case mapping, record:
		w.b = append(w.b, '{')
		if w.tooMany(v) {
			return
		}
		m := asMap(v)
		for i, key := range slices.Sorted(maps.Keys(m)) {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.b = append(appendString(w.b, key), ':')
			if w.value(m[key]); w.failed != nil {
				return
			}
		}
		w.b = append(w.b, '}')
	default:
		w.b = append(w.b, "null"...)
	}
}

// tooMany reports that a list or a map has more elements than there is place for, so
// that nobody sorts a million names to write the first.
func (w *jsonWriter) tooMany(v any) bool {
	if size(v) > w.most {
		w.failed = errLong
	}
	return w.failed != nil
}

// shortFloat writes six digits or so of a float, and all before the point.
func shortFloat(f float64) string {
	s := string(appendFloat(nil, f))
	if before := strings.IndexByte(s, '.'); before > 0 && len(s) > 8 && !strings.Contains(s, "e") {
		decimals := max(1, 6-before)
		if math.Abs(f) < 1 {
			return string(strconv.AppendFloat(nil, f, 'g', 4, 64))
		}
		s = strings.TrimRight(strconv.FormatFloat(f, 'f', decimals, 64), "0")
		s = strings.TrimSuffix(s, ".")
	}
	return s
}

// appendString writes a JSON string, of valid UTF-8 whatever s is, and with < and
// > as they are, since people read it.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// tree is a value as what JSON knows: lists and maps without structs, with
// durations and times within them as text.
func tree(v any, w *walk) any {
	if !w.enter(1) {
		return nil
	}
	v = plain(v)
	switch kindOf(v) {
	case list:
		l := asList(v)
		out := make([]any, 0, len(l))
		for _, e := range l {
			if out = append(out, leaf(tree(e, w))); w.err() != nil {
				return nil
			}
		}
		v = out
	case mapping, record:
		out := map[string]any{}
		for key, e := range asMap(v) {
			if out[key] = leaf(tree(e, w)); w.err() != nil {
				return nil
			}
		}
		v = out
	case text:
		s := v.(string)
		w.steps += textCost(s)
		v = strings.ToValidUTF8(s, "\uFFFD")
	case semantic:
		v = formatValue(v)
	}
	w.leave()
	return v
}

// leaf is a value within a list or a map.
func leaf(v any) any {
	switch v := v.(type) {
	case time.Duration, time.Time:
		return formatValue(v)
	case float64:
		if finite(v) != nil {
			return nil
		}
	}
	return v
}
