package server

import (
	"strconv"
	"strings"
	"time"
)

// series writes the Prometheus text format.
type series struct{ pieces }

// family begins a metric's series. Its help and kind are ours and need no
// escapes.
func (s *series) family(name, kind, help string) {
	s.text("# HELP ", name, " ", help, "\n# TYPE ", name, " ", kind, "\n")
}

func (s *series) text(parts ...string) {
	for _, p := range parts {
		s.b = append(s.b, p...)
	}
}

// gauge writes a family of one series without labels.
func (s *series) gauge(name, help string, value int64) { s.single(name, "gauge", help, value) }

// counter writes a family of one series without labels.
func (s *series) counter(name, help string, value int64) { s.single(name, "counter", help, value) }

func (s *series) single(name, kind, help string, value int64) {
	s.family(name, kind, help)
	s.text(name, " ")
	s.int(value)
}

// int and seconds end a line with a value.

func (s *series) int(v int64)             { s.b = append(strconv.AppendInt(s.b, v, 10), '\n') }
func (s *series) seconds(d time.Duration) { s.b = append(appendSeconds(s.b, d), '\n') }

// instant ends a line with a time, in seconds since 1970 to a millisecond; 0 for
// the zero time.
func (s *series) instant(t time.Time) {
	if t.IsZero() {
		s.int(0)
		return
	}
	s.seconds(time.Duration(t.UnixMilli()) * time.Millisecond)
}

// appendSeconds appends d, which is not negative, in seconds, exactly.
func appendSeconds(b []byte, d time.Duration) []byte {
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	rest := int64(d % time.Second)
	if rest == 0 {
		return b
	}
	var digits [10]byte
	digits[0] = '.'
	for i := 9; i > 0; i-- {
		digits[i] = byte('0' + rest%10)
		rest /= 10
	}
	end := len(digits)
	for digits[end-1] == '0' {
		end--
	}
	return append(b, digits[:end]...)
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// label is a label's value with its escapes; s itself where it needs none.
func label(s string) string { return labelEscapes.Replace(strings.ToValidUTF8(s, "\uFFFD")) }
