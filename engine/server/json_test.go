package server

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever a text holds, what comes out is JSON that means the same; bytes that
// are not UTF-8 become U+FFFD.
func TestStringsAreJSON(t *testing.T) {
	hold := func(t interface{ Fatalf(string, ...any) }, s string) {
		var back string
		written := appendString(nil, s)
		if err := json.Unmarshal(written, &back); err != nil {
			t.Fatalf("%q is written as %s: %v", s, written, err)
		}
		if want := string([]rune(s)); back != want {
			t.Fatalf("%q is read back as %q", s, back)
		}
	}
	for _, s := range []string{
		"", "plain", `"`, `\`, "a\nb\tc\rd", "\x00\x1f\x7f", "é🚨\u2028", "\xff", "a\xc3", "\xed\xa0\x80b", "\uFFFD",
		strings.Repeat("🚨\"\xff", 1000),
	} {
		hold(t, s)
	}
	rapid.Check(t, func(t *rapid.T) { hold(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))) })
	rapid.Check(t, func(t *rapid.T) { hold(t, rapid.String().Draw(t, "text")) })
}

func TestTimesAreRFC3339InUTC(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "null"},
		{at, `"2026-11-23T08:26:53.589Z"`},
		{time.Unix(0, 0), `"1970-01-01T00:00:00.000Z"`},
		{time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.UTC), `"2024-02-29T23:59:59.999Z"`},
		{time.Date(9999, 12, 31, 1, 2, 3, 4_000_000, time.UTC), `"9999-12-31T01:02:03.004Z"`},
	} {
		if got := string(appendTime(nil, c.at)); got != c.want {
			t.Errorf("%v is written as %s, want %s", c.at, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(0, 253402300799999).Draw(t, "millis"))
		want := at.UTC().Format(`"2006-01-02T15:04:05.000Z"`)
		if got := string(appendTime(nil, at)); got != want {
			t.Fatalf("written as %s, want %s", got, want)
		}
	})
}

func TestAmountsOfTime(t *testing.T) {
	for _, c := range []struct {
		d               time.Duration
		millis, seconds string
	}{
		{0, "0", "0"},
		{time.Nanosecond, "0", "0.000000001"},
		{35123456 * time.Nanosecond, "35.123", "0.035123456"},
		{1500 * time.Microsecond, "1.5", "0.0015"},
		{time.Second, "1000", "1"},
		{2500 * time.Millisecond, "2500", "2.5"},
		{90 * 24 * time.Hour, "7776000000", "7776000"},
	} {
		if got := string(appendMillis(nil, c.d)); got != c.millis {
			t.Errorf("%v is %s milliseconds, want %s", c.d, got, c.millis)
		}
		if got := string(appendSeconds(nil, c.d)); got != c.seconds {
			t.Errorf("%v is %s seconds, want %s", c.d, got, c.seconds)
		}
	}
}
