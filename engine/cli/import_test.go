package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"polyhealth/schema"
)

var accept = flag.Bool("accept", false, "write what is expected of imports anew, to be read line by line")

// importOf runs an import of a file, and returns what it prints.
func importOf(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main(append([]string{"import"}, args...), strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

// Each file of testdata/import/FORMAT becomes the file of the same name that ends in
// .want, whose last line is the summary.
func TestImport(t *testing.T) {
	for _, format := range []string{"gatus", "blackbox"} {
		files, _ := filepath.Glob(filepath.Join("testdata/import", format, "*.yaml"))
		if len(files) < 12 {
			t.Fatalf("%d files of %s", len(files), format)
		}
		for _, file := range files {
			t.Run(format+"/"+strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
				args, base := []string{format, file}, strings.TrimSuffix(file, ".yaml")
				if _, err := os.Stat(base + ".prometheus"); err == nil {
					args = append(args, "--targets", base+".prometheus")
				}
				out, errs, code := importOf(t, args...)
				if code != 0 {
					t.Fatalf("exit %d: %s", code, errs)
				}
				compareFile(t, base+".want", out+"# "+errs)
				valid(t, out)
				if tidy := schema.Format(file, []byte(out), schema.NewReader()); string(tidy) != out {
					t.Errorf("fmt would make of it\n%s", tidy)
				}
			})
		}
	}
}

func compareFile(t *testing.T, file, got string) {
	t.Helper()
	if *accept {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// values are what the variables of the files under test stand for, by the end of
// their names.
var values = []struct{ suffix, value string }{
	{"TELEGRAM_TOKEN", "123456:ABC-DEF"}, {"WEBHOOK_URL", "https://hooks.example.org/abc"}, {"URL", "https://example.org/"},
	{"PORT", "587"}, {"FROM", "watch@example.org"}, {"TO", "ops@example.org"}, {"STATUS", "200"}, {"HOST", "db.example.org"},
	{"_KEY", "eb243592faa24ba2a5511afdf565c889"}, {"", "some-text"},
}

var (
	variableIn = regexp.MustCompile(`\$\{([A-Z_]+)\}`)
	fileIn     = regexp.MustCompile(`\$\{file:([^}]+)\}`)
)

// valid loads a file as validate does, with all that it refers to there.
func valid(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	for _, m := range variableIn.FindAllStringSubmatch(text, -1) {
		for _, v := range values {
			if strings.HasSuffix(m[1], v.suffix) {
				t.Setenv(m[1], v.value)
				break
			}
		}
	}
	for _, m := range fileIn.FindAllStringSubmatch(text, -1) {
		if m[1] != "/path" { // of the advice
			write(t, dir, m[1], "content")
		}
	}
	write(t, dir, "checks.yaml", text)
	l, err := load(filepath.Join(dir, "checks.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range l.Diagnostics() {
		if d.Severity == schema.Warning {
			continue // of what their file holds as well, such as a secret in clear
		}
		t.Errorf("%d:%d: %s: %s\n%s", d.Line, d.Column, d.Severity, d.Message, d.Source)
	}
}

func TestImportMistakes(t *testing.T) {
	dir := t.TempDir()
	for i, c := range []struct{ format, text, want string }{
		{"gatus", "", "0.yaml:1:1: error: the file is empty\n"},
		{"gatus", "a: [", "1.yaml:1:4: error: the list that is opened here is not closed"},
		{"gatus", "- a\n- b\n", "2.yaml:1:1: error: the file is a map of keys, found a list\n"},
		{"gatus", "checks: {}\n", "error: this is no configuration of Gatus: it has no endpoints"},
		{"gatus", "endpoints: text\n", "4.yaml:1:12: error: endpoints wants a list, found a string\n"},
		{"gatus", "endpoints: [text]\n", "wants a map here, found a string"},
		{"gatus", "endpoints:\n- {name: a, url: [b]}\n", "6.yaml:2:18: error: url wants a single value, found a list"},
		{"gatus", "endpoints:\n- {name: a, url: http://b, interval: soon}\n", `error: interval wants a duration, found "soon"`},
		{"gatus", "endpoints:\n- {name: a}\n- {name: a, name: b}\n", `error: the key "name" is given twice`},
		{"gatus", "endpoints: &a [*a]\n", "refers to itself"},
		{"blackbox", "endpoints: []\n", "error: this is no configuration of the blackbox exporter: it has no modules"},
		{"blackbox", "modules: [a]\n", "modules wants a map here, found a list"},
		{"blackbox", "modules: {a: {prober: http, http: {valid_status_codes: [2xx]}}}\n", `valid_status_codes wants numbers, found "2xx"`},
		{"blackbox", "\x00", "error: the file holds the control character U+0000"},
	} {
		file := filepath.Join(dir, fmt.Sprintf("%d.yaml", i))
		write(t, dir, filepath.Base(file), c.text)
		out, errs, code := importOf(t, c.format, file)
		if code != 1 || out != "" || !strings.Contains(errs, c.want) || strings.Contains(errs, "panic") {
			t.Errorf("%s %q: exit %d, printed %q, said\n%swant\n%s", c.format, c.text, code, out, errs, c.want)
		}
	}
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"gatus", filepath.Join(dir, "none.yaml")}, "none.yaml: no such file or directory", 1},
		{[]string{"gatus", dir}, ": is a directory", 1},
		{[]string{"gatus"}, "polyhealth: polyhealth import gatus takes one file, got 0", 64},
		{[]string{"nagios", "x"}, `polyhealth: import knows gatus and blackbox, not "nagios"`, 64},
		{[]string{"blackbox", "testdata/import/blackbox/jobs.yaml", "--targets", "none.yml"}, "cannot read none.yml", 1},
		{[]string{"blackbox", "testdata/import/blackbox/jobs.yaml", "--targets", "testdata/import/blackbox/jobs.yaml"}, "jobs.yaml:1:1: error: this is no configuration of Prometheus", 1},
	} {
		if out, errs, code := importOf(t, c.args...); code != c.code || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, printed %q, said %q, want %q", c.args, code, out, errs, c.want)
		}
	}
}

// A megabyte of anything is refused, or imported, and never more.
func TestImportNonsense(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"letters":   strings.Repeat("lorem ipsum ", 100_000),
		"brackets":  strings.Repeat("[{", 500_000),
		"dashes":    strings.Repeat("- ", 500_000),
		"endpoints": "endpoints:\n" + strings.Repeat("- {name: a, url: 'http://a/', conditions: ['[STATUS] == 1']}\n", 15_000),
		"condition": "endpoints: [{name: a, url: 'http://a/', conditions: ['" + strings.Repeat("[BODY] == pat(*", 60_000) + "']}]\n",
		"twice":     "modules:\n" + strings.Repeat("  m: {prober: http}\n", 40_000),
		"aliases":   "a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b]\nendpoints: [*c, *c, *c, *c]\n",
	} {
		write(t, dir, name, text)
		for _, format := range []string{"gatus", "blackbox"} {
			out, errs, code := importOf(t, format, filepath.Join(dir, name))
			if code != 0 && code != 1 || (code == 0) != (out != "") || errs == "" {
				t.Errorf("%s of %s: exit %d, %d bytes, said %.200s", format, name, code, len(out), errs)
			}
		}
	}
}
