package command

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePerfdata(t *testing.T) {
	one := func(label string, p Perf) map[string]*Perf { return map[string]*Perf{label: &p} }
	cases := []struct {
		in   string
		want map[string]*Perf
	}{
		{"", map[string]*Perf{}},
		{"time=0.5s", one("time", Perf{Value: 0.5, Unit: "s"})},
		{"time=0.5s;1;2;0;10", one("time", Perf{Value: 0.5, Unit: "s", Warn: "1", Crit: "2", Min: 0.0, Max: 10.0})},
		{"time=1.5s;1;2;;", one("time", Perf{Value: 1.5, Unit: "s", Warn: "1", Crit: "2", InWarn: true})},
		{"/=2643MB;5948;5958;0;5968", one("/", Perf{Value: 2643, Unit: "MB", Warn: "5948", Crit: "5958", Min: 0.0, Max: 5968.0})},
		{"'a b'=1", one("a b", Perf{Value: 1})},
		{"'it''s'=1%", one("it's", Perf{Value: 1, Unit: "%"})},
		{"''=1", one("", Perf{Value: 1})},
		{"'a=b'=1c", one("a=b", Perf{Value: 1, Unit: "c"})},
		{"a=1 b=2", map[string]*Perf{"a": {Value: 1}, "b": {Value: 2}}},
		{"  a=1\n\tb=2\r\n", map[string]*Perf{"a": {Value: 1}, "b": {Value: 2}}},
		{"a=1 a=2", one("a", Perf{Value: 2})},
		{"a=-1.5e3us", one("a", Perf{Value: -1500, Unit: "us"})},
		{"a=1E", one("a", Perf{Value: 1, Unit: "E"})},
		{"a=0,5s", one("a", Perf{Value: 0.5, Unit: "s"})},
		{"a=.5", one("a", Perf{Value: 0.5})},
		{"a=5;@1:10;~:4", one("a", Perf{Value: 5, Warn: "@1:10", Crit: "~:4", InWarn: true, InCrit: true})},
		// What is not known, or not a number, is not there: nothing compares with it.
		{"a=U;1;2 b=1", one("b", Perf{Value: 1})},
		{"a=1 a=U", map[string]*Perf{}},
		{"a= b=1", one("b", Perf{Value: 1})},
		{"a=nan b=inf c=0x10 d=1.2.3 e=1,234.5 f=-", map[string]*Perf{}},
		{"words and a=1", one("a", Perf{Value: 1})},
		{"=1 a=2", one("a", Perf{Value: 2})},
		{"'open=1", map[string]*Perf{}},
		{"'a'x=1 b=2", one("b", Perf{Value: 2})},
		{"a=1;;;0;x", one("a", Perf{Value: 1, Min: 0.0})},
		{"a=1;2;3;4;5;6;7", one("a", Perf{Value: 1, Warn: "2", Crit: "3", Min: 4.0, Max: 5.0})},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, parsePerfdata(c.in)); diff != "" {
			t.Errorf("%q: %s", c.in, diff)
		}
	}
}

// TestAlerts is the table of the plugins' guidelines, and what is not in it.
func TestAlerts(t *testing.T) {
	cases := []struct {
		threshold string
		on, off   []float64
	}{
		{"10", []float64{-0.1, 10.1}, []float64{0, 5, 10}},
		{"10:", []float64{9.9, -1}, []float64{10, 1e9}},
		{"~:10", []float64{10.1}, []float64{-1e9, 10}},
		{"10:20", []float64{9.9, 20.1}, []float64{10, 20}},
		{"@10:20", []float64{10, 15, 20}, []float64{9.9, 20.1}},
		{"@10", []float64{0, 10}, []float64{-0.1, 10.1}},
		{"-5:-1", []float64{0, -6}, []float64{-5, -1}},
		{"0.5:1,5", []float64{0.4, 1.6}, []float64{1}},
		{"~:", nil, []float64{-1e300, 1e300}},
		{"", nil, []float64{0, 1}},
		{"x", nil, []float64{0, 1}},
		{"1:x", nil, []float64{0, 2}},
		{"@", nil, []float64{0, 1}},
		{"nan", nil, []float64{0, 1}},
	}
	for _, c := range cases {
		for _, v := range c.on {
			if !alerts(c.threshold, v) {
				t.Errorf("%s does not alert on %v", c.threshold, v)
			}
		}
		for _, v := range c.off {
			if alerts(c.threshold, v) {
				t.Errorf("%s alerts on %v", c.threshold, v)
			}
		}
	}
}

// TestSplitPlugin is the output of the guidelines' example, and of worse plugins.
func TestSplitPlugin(t *testing.T) {
	cases := []struct{ in, message, perfdata string }{
		{"OK", "OK", " "},
		{"OK | a=1", "OK", " a=1 "},
		{"DISK OK - free: 3326 MB | /=2643MB\n/ 15272 MB\n/boot 68 MB\n/home 69357 MB | /boot=68MB\n/home=69357MB\n/var/log=818MB",
			"DISK OK - free: 3326 MB", " /=2643MB  /boot=68MB\n/home=69357MB\n/var/log=818MB"},
		{"| a=1", "", " a=1 "},
		{"\nlate", "late", " "},
		{"", "", " "},
	}
	for _, c := range cases {
		text, perfdata := splitPlugin(c.in)
		if firstLine(text) != c.message || perfdata != c.perfdata {
			t.Errorf("%q: %q and %q", c.in, firstLine(text), perfdata)
		}
	}
}

func FuzzParsePerfdata(f *testing.F) {
	for _, s := range []string{"a=1s;1:2;@~:3;0;9", "'a''b'=U", "'x", "=", "a=1e", "a=e5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for label, p := range parsePerfdata(s) {
			if p == nil || p.Value != p.Value {
				t.Errorf("%q: %q is %v", s, label, p)
			}
		}
	})
}
