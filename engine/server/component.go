package server

import (
	"strconv"

	"polyhealth/engine"
)

// appendComponent appends a component as /health shows it. The tags and the
// description come from the file as it is, so redact goes over them.
func appendComponent(b []byte, c *engine.Component, redact func(string) string) []byte {
	b = append(b, '{')
	b = appendFields(b, c, redact)
	return append(b, '}')
}

// appendFields appends the keys of a component, without the braces.
func appendFields(b []byte, c *engine.Component, redact func(string) string) []byte {
	b = appendString(append(b, `"name":`...), c.Check.Name)
	b = append(append(append(b, `,"status":"`...), c.Status.String()...), '"')
	b = appendString(append(b, `,"message":`...), c.Message)
	b = appendTime(append(b, `,"last_check":`...), c.LastCheck)
	b = appendTime(append(b, `,"last_success":`...), c.LastSuccess)
	b = strconv.AppendInt(append(b, `,"consecutive_failures":`...), int64(c.Failures), 10)
	b = appendMetadata(append(b, `,"metadata":`...), c.Metadata)
	b = appendString(append(b, `,"rule":`...), c.Why())
	b = appendTime(append(b, `,"since":`...), c.Since)
	b = appendLatency(append(b, `,"latency_ms":`...), c)
	b = append(append(append(b, `,"result":"`...), c.Result.String()...), '"')
	b = strconv.AppendBool(append(b, `,"critical":`...), c.Check.Critical)
	b = append(b, `,"tags":[`...)
	for i, tag := range c.Check.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, redact(tag))
	}
	b = append(b, ']')
	if c.Flapping {
		b = append(b, `,"flapping":true`...)
	}
	if c.BlockedBy != "" {
		b = appendString(append(b, `,"blocked_by":`...), c.BlockedBy)
	}
	if c.Recovering != nil {
		b = appendRecovering(append(b, `,"recovery":`...), c.Recovering)
	}
	if d := c.Check.Keys.Description; d != "" {
		b = appendString(append(b, `,"description":`...), redact(d))
	}
	return b
}

// appendMetadata appends a JSON object; none is the empty one.
func appendMetadata(b, object []byte) []byte {
	if len(object) == 0 {
		return append(b, "{}"...)
	}
	return append(b, object...)
}

// appendLatency appends the latency of the last result, or null before the first.
func appendLatency(b []byte, c *engine.Component) []byte {
	if c.LastCheck.IsZero() {
		return append(b, "null"...)
	}
	return appendMillis(b, c.Latency)
}
