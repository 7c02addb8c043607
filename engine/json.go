package engine

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"polyhealth/checktypes"
)

// appendJSON appends a metadata value. Durations are written for people, times in
// RFC 3339 UTC; what JSON cannot hold is null. Texts are redacted; a number is not,
// which by chance may be like a secret.
func appendJSON(b []byte, v any, redact func(string) string) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return append(b, "null"...)
		}
	case time.Duration:
		return appendJSON(b, checktypes.FormatDuration(v), redact)
	case time.Time:
		return v.UTC().AppendFormat(append(b, '"'), `2006-01-02T15:04:05Z"`)
	}
	return append(b, marshal(v, redact)...)
}

// redacted is v with its texts redacted, within lists and maps too: before they are
// written with escapes that a secret would hide behind.
func redacted(v any, redact func(string) string) any {
	switch v := v.(type) {
	case string:
		return redact(v)
	case []string:
		return redactedList(v, redact)
	case []map[string]any:
		return redactedList(v, redact)
	case []any:
		return redactedList(v, redact)
	case map[string]string:
		clean := make(map[string]any, len(v))
		for name, e := range v {
			clean[redact(name)] = redact(e)
		}
		return clean
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, e := range v {
			clean[redact(name)] = redacted(e, redact)
		}
		return clean
	}
	return v
}

func redactedList[E any](list []E, redact func(string) string) []any {
	clean := make([]any, len(list))
	for i, e := range list {
		clean[i] = redacted(e, redact)
	}
	return clean
}

// marshal is a text, list or map as redacted JSON.
func marshal(v any, redact func(string) string) []byte {
	text, err := json.Marshal(redacted(v, redact))
	if err != nil {
		return []byte("null")
	}
	clean := []byte(redact(string(text)))
	if !json.Valid(clean) { // a number within was like a secret
		clean, _ = json.Marshal(redact(string(text)))
	}
	return clean
}
