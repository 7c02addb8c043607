package engine

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"polyhealth/checktypes"
)

// appendJSON appends a metadata value. Durations are written for people, times in
// RFC 3339 UTC; what JSON cannot hold is null.
func appendJSON(b []byte, v any) []byte {
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
		return appendJSON(b, checktypes.FormatDuration(v))
	case time.Time:
		return v.UTC().AppendFormat(append(b, '"'), `2006-01-02T15:04:05Z"`)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}
