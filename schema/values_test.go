package schema

import (
	"math"
	"testing"
	"time"
)

var durationCases = []struct {
	text string
	want time.Duration
	err  string // "" where want is read
}{
	{"500ms", 500 * time.Millisecond, ""},
	{"30s", 30 * time.Second, ""},
	{"5m", 5 * time.Minute, ""},
	{"36h", 36 * time.Hour, ""},
	{"90d", 90 * 24 * time.Hour, ""},
	{"1h30m", 90 * time.Minute, ""},
	{"1d12h", 36 * time.Hour, ""},
	{"1.5h", 90 * time.Minute, ""},
	{"0.5s", 500 * time.Millisecond, ""},
	{".5s", 500 * time.Millisecond, ""},
	{"1h0m", time.Hour, ""},
	{"1ns", 1, ""},
	{"250us", 250 * time.Microsecond, ""},
	{"250µs", 250 * time.Microsecond, ""}, // U+00B5
	{"250μs", 250 * time.Microsecond, ""}, // U+03BC
	{"9007199254740993ns", 9007199254740993, ""},
	{"106751d", 106751 * 24 * time.Hour, ""},
	{"", 0, "is empty"},
	{"0", 0, "is zero"},
	{"0.0", 0, "is zero"},
	{"0s", 0, "is zero"},
	{"0h0m", 0, "is zero"},
	{"0.4ns", 0, "is zero"},
	{"-1s", 0, "is negative"},
	{"-1", 0, "is negative"},
	{"5", 0, "has no unit"},
	{"1.5", 0, "has no unit"},
	{"1e400", 0, "has no unit"},
	{"1_000", 0, "has no unit"},
	{"+5s", 0, "is not a duration"},
	{".nan", 0, "is not a duration"},
	{"NaN", 0, "is not a duration"},
	{"Inf", 0, "is not a duration"},
	{".inf", 0, "is not a duration"},
	{"1e400s", 0, `has the unit "e", which is none of ms, s, m, h, d`},
	{"1 parsec", 0, `has the unit "parsec", which is none of ms, s, m, h, d`},
	{"30 s", 0, "has a space in it"},
	{" 30s", 0, "is not a duration"},
	{"30s ", 0, "has a space in it"},
	{"1h 30m", 0, "has a space in it"},
	{"30S", 0, `has the unit "S", which is none of ms, s, m, h, d`},
	{"1.2.3s", 0, "is not a duration"},
	{".s", 0, "is not a duration"},
	{"s", 0, "is not a duration"},
	{"1h30", 0, "has no unit at its end"},
	{"292y", 0, `has the unit "y", which is none of ms, s, m, h, d`},
	{"106752d", 0, "is longer than 292 years"},
	{"106751d106751d", 0, "is longer than 292 years"},
	{"99999999999999999999999d", 0, "is longer than 292 years"},
}

func TestParseDuration(t *testing.T) {
	for _, c := range durationCases {
		got, err := ParseDuration(c.text)
		if got != c.want || errText(err) != c.err {
			t.Errorf("%q: got %v, %q; want %v, %q", c.text, got, errText(err), c.want, c.err)
		}
	}
}

var sizeCases = []struct {
	text string
	want int64
	err  string
}{
	{"1", 1, ""},
	{"512", 512, ""},
	{"512B", 512, ""},
	{"64KiB", 64 << 10, ""},
	{"64 KiB", 64 << 10, ""},
	{"10MB", 10_000_000, ""},
	{"1.5MiB", 3 << 19, ""},
	{"1kB", 1000, ""},
	{"1KB", 1000, ""},
	{"1MiB", 1 << 20, ""},
	{"2GB", 2_000_000_000, ""},
	{"2GiB", 2 << 30, ""},
	{"9007199254740993", 9007199254740993, ""},
	{"9223372036854775806", math.MaxInt64 - 1, ""},
	{"", 0, "is not a size"},
	{"0", 0, "is zero"},
	{"0.5", 0, "is zero"},
	{"0KiB", 0, "is zero"},
	{"-1", 0, "is not a size"},
	{"+1", 0, "is not a size"},
	{"large", 0, "is not a size"},
	{".KiB", 0, "is not a size"},
	{"1..5", 0, "is not a size"},
	{"1e3", 0, `has the unit "e3", which is none of B, KB, KiB, MB, MiB, GB, GiB`},
	{"10mb", 0, `has the unit "mb", which is none of B, KB, KiB, MB, MiB, GB, GiB`},
	{"10M", 0, `has the unit "M", which is none of B, KB, KiB, MB, MiB, GB, GiB`},
	{"9223372036854775807", 0, "is too large"}, // the greatest stands for too much
	{"99999999999GiB", 0, "is too large"},
}

func TestParseSize(t *testing.T) {
	for _, c := range sizeCases {
		got, err := ParseSize(c.text)
		if got != c.want || errText(err) != c.err {
			t.Errorf("%q: got %v, %q; want %v, %q", c.text, got, errText(err), c.want, c.err)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestDurationString(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{500 * time.Millisecond, "500ms"},
		{30 * time.Second, "30s"},
		{15 * time.Minute, "15m"},
		{36 * time.Hour, "36h"},
		{90 * 24 * time.Hour, "90d"},
		{90 * time.Minute, "90m"},
		{1500 * time.Millisecond, "1500ms"},
	} {
		if got := Duration(c.d).String(); got != c.want {
			t.Errorf("%v: got %s, want %s", c.d, got, c.want)
		}
	}
}

func TestSizeString(t *testing.T) {
	for _, c := range []struct {
		n    Size
		want string
	}{{512, "512"}, {64 << 10, "64KiB"}, {3 << 19, "1536KiB"}, {1 << 20, "1MiB"}, {2 << 30, "2GiB"}, {10_000_000, "10000000"}} {
		if got := c.n.String(); got != c.want {
			t.Errorf("%d: got %s, want %s", int64(c.n), got, c.want)
		}
	}
}

// TestHints: what is nearly right is written as it should be.
func TestHints(t *testing.T) {
	for _, c := range []struct {
		hint func(string) string
		text string
		want string
	}{
		{durationHint, "5", "write 5s for seconds"},
		{durationHint, "10min", "write 10m"},
		{durationHint, "10 Minutes", "write 10m"},
		{durationHint, "1.5 hours", "write 1.5h"},
		{durationHint, "30sec", "write 30s"},
		{durationHint, "30secs", "write 30s"},
		{durationHint, "30S", "write 30s"},
		{durationHint, "100msec", "write 100ms"},
		{durationHint, "100 millis", "write 100ms"},
		{durationHint, "7 days", "write 7d"},
		{durationHint, "30 s", "write 30s"},
		{durationHint, "1week", "write it in days: 1 week is 7d"},
		{durationHint, "0s", ""},
		{durationHint, "-5s", ""},
		{durationHint, "soon", "write a number and a unit: ms, s, m, h or d"},
		{sizeHint, "10mb", "write 10MB"},
		{sizeHint, "10 Mi", "write 10MiB"},
		{sizeHint, "10k", "write 10KB"},
		{sizeHint, "1gib", "write 1GiB"},
		{sizeHint, "0", ""},
		{sizeHint, "big", "write a number and a unit: B, KB, KiB, MB, MiB, GB or GiB"},
	} {
		if got := c.hint(c.text); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}
