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

// marshal is a text, list or map as redacted JSON.
func marshal(v any, redact func(string) string) []byte {
	if s, ok := v.(string); ok {
		v = redact(s)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	clean := []byte(redact(string(text)))
	if !json.Valid(clean) { // a number within was like a secret
		clean, _ = json.Marshal(redact(string(text)))
	}
	return clean
}
