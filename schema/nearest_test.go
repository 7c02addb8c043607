package schema

import "testing"

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		word  string
		among []string
		want  string
	}{
		{"latncy", []string{"status", "latency", "body"}, "latency"},
		{"intreval", []string{"interval", "timeout"}, "interval"},
		{"Interval", []string{"interval", "timeout"}, "interval"},
		{"INTERVAL", []string{"interval"}, "interval"},
		{"dependsOn", []string{"depends_on", "description"}, "depends_on"},
		{"depends-on", []string{"depends_on"}, "depends_on"},
		{"ulr", []string{"url", "user"}, "url"},
		{"ur", []string{"url"}, "url"},
		{"htp", []string{"http", "ftp"}, "http"},
		{"get", []string{"POST", "GET"}, "GET"},
		{"unhealty", []string{"healthy", "unhealthy"}, "unhealthy"},
		{"colour", []string{"url", "method"}, ""},
		{"metric", []string{"method"}, ""},
		{"x", []string{"y", "z"}, ""},
		{"ab", []string{"cd"}, ""},
		{"", []string{"a", "url"}, ""},
		{"url", nil, ""},
		{"url", []string{""}, ""},
		{"日本", []string{"中国", "日本語"}, "日本語"},
		{"éa", []string{"êb"}, ""},
		{"aaaa", []string{"aaab", "aaac"}, "aaab"},
		{"a-very-long-word-with-one-typpo", []string{"a-very-long-word-with-one-typo"}, "a-very-long-word-with-one-typo"},
	} {
		got, ok := Nearest(c.word, c.among)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q among %q: got %q", c.word, c.among, got)
		}
		hint := DidYouMean(c.word, c.among)
		if want := `did you mean "` + c.want + `"?`; c.want != "" && hint != want || c.want == "" && hint != "" {
			t.Errorf("%q: hint %q", c.word, hint)
		}
	}
}
