package jsonvalue

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	cases := []struct {
		text string
		want any
	}{
		{`null`, nil},
		{` true `, true},
		{`"a\u00e9"`, "aé"},
		{`0`, 0},
		{`-0`, 0},
		{`9007199254740993`, 9007199254740993}, // more digits than a float64 has
		{`9223372036854775808`, 9223372036854775808.0},
		{`1.50`, 1.5},
		{`1e3`, 1000.0},
		{`-1e999`, math.Inf(-1)},
		{`[]`, []any{}},
		{`{"a":{"b":[1,{"c":2.5}]},"s":"1"}`, map[string]any{"a": map[string]any{"b": []any{1, map[string]any{"c": 2.5}}}, "s": "1"}},
		{`{"a":1,"a":2}`, map[string]any{"a": 2}},
	}
	for _, c := range cases {
		got, err := Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, d)
		}
	}
}

func TestParseMistakes(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", "it is empty"},
		{" \n", "it is empty"},
		{"<html>", "invalid character '<' looking for beginning of value"},
		{`{"a":`, "it ends too early"},
		{`{"a":1} {"a":2}`, "more follows after the first value, at byte 8"},
		{`{"a":1}x`, "more follows after the first value, at byte 7"},
		{`01`, "more follows after the first value, at byte 1"},
		{`NaN`, "invalid character 'N' looking for beginning of value"},
		{strings.Repeat("[", 1_000_000), "it is nested more than 10,000 deep"},
		{strings.Repeat(`{"a":`, 1_000_000), "it is nested more than 10,000 deep"},
	}
	for _, c := range cases {
		got, err := Parse([]byte(c.text))
		if got != nil || err == nil || err.Error() != c.want {
			t.Errorf("%.20q is %v, %v; want the mistake %q", c.text, got, err, c.want)
		}
	}
}

// TestDeepest accepts what is just not too deep.
func TestDeepest(t *testing.T) {
	if _, err := Parse([]byte(strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999))); err != nil {
		t.Error(err)
	}
}
