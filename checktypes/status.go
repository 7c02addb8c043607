package checktypes

import "fmt"

// Status is how a result, or a component, is doing.
type Status uint8

// The statuses. The zero value is Unknown. Among the other three a greater
// Status is a worse one.
const (
	Unknown Status = iota
	Healthy
	Degraded
	Unhealthy
)

// Statuses are all of them, as rules are tried.
var Statuses = [...]Status{Unknown, Unhealthy, Degraded, Healthy}

// String is the status as it is written in the file and in answers.
func (s Status) String() string {
	switch s {
	case Healthy:
		return "healthy"
	case Degraded:
		return "degraded"
	case Unhealthy:
		return "unhealthy"
	default:
		return "unknown"
	}
}

// MarshalText writes the status as String does.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Status) UnmarshalText(text []byte) error {
	parsed, ok := ParseStatus(string(text))
	if !ok {
		return fmt.Errorf("%q is not a status", text)
	}
	*s = parsed
	return nil
}

// ParseStatus is the inverse of String; ok is false for any other text.
func ParseStatus(text string) (s Status, ok bool) {
	for _, s := range Statuses {
		if s.String() == text {
			return s, true
		}
	}
	return Unknown, false
}
