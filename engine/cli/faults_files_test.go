package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// plainFile is a file as people write it, with what a truncation may hit: maps and
// lists of both styles, texts in both quotes, and over several lines.
const plainFile = `version: 1

server:
  listen: 127.0.0.1:0
  metrics_prefix: polyhealth

defaults: # any check may override each of these
  interval: 1h
  timeout: 10s
  thresholds: {degraded: 1, unhealthy: 3, healthy: 1}

checks:
` + canary + `  shop:
    description: a website
    http:
      url: http://127.0.0.1:1/
      headers:
        Accept: application/json
        X-Note: 'it is "quoted"'
    rules:
      unhealthy: status >= 500
      degraded:
        - latency > "800ms"
        - json.queue > 100 # of orders
  disk:
    command:
      - df
      - --output=pcent
      - .
    rules:
      unhealthy: >
        exit_code != 0 or
        int(trim(replace(last(split(trim(stdout), "\n")), "%", ""))) >= 98
    message: "{{ trim(last(split(trim(stdout),
      \"\\n\"))) }} used"
    metadata: {code: exit_code}
  worker:
    systemd:
      units: [one.service,
        two.service]
    critical: false
`

// TestTruncatedFiles has a running daemon read every beginning of a file. Each
// either validates and runs, or changes nothing and says why.
func TestTruncatedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "checks.yaml")
	write(t, dir, "checks.yaml", plainFile)
	p := admit(t, dir)
	lines := strings.SplitAfter(plainFile, "\n")
	runs, applied := p.names(), 0
	for n := len(lines) - 1; n >= 0; n-- {
		p.replace(strings.Join(lines[:n], ""))
		l, err := load(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		code, out := p.reload()
		if l.plan != nil {
			applied++
			runs = nil
			for _, c := range l.plan.Checks {
				runs = append(runs, c.Name)
			}
		}
		if valid := l.plan != nil; valid != (code == 200) || !valid && !strings.HasPrefix(out, "checks.yaml:") {
			t.Errorf("%d lines: valid %v, but the reload answers %d:\n%s", n, valid, code, out)
		}
		if got := p.names(); !slices.Equal(got, runs) {
			t.Errorf("%d lines: %v run, want %v", n, got, runs)
		}
	}
	if applied < 10 || applied > len(lines)-15 {
		t.Errorf("%d beginnings of %d lines were valid", applied, len(lines))
	}
	p.mended(t, plainFile)
	p.survived(t, 200)
}

// A hostileFile is one that nobody writes, or only by mistake.
type hostileFile struct {
	name, text string
	says       string // part of what is said of it
}

func hostileFiles() []hostileFile {
	deep := strings.Repeat("[", 100_000)
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := range 20 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	one := func(keys string) string { return checksFile("  one: {" + keys + "}\n") }
	every := func(d string) string { return one("command: ['true'], interval: " + d) }
	const noDuration = "checks.yaml:3:38: error: interval wants a duration such as 30s"
	return []hostileFile{
		{"empty", "", "the file is empty"},
		{"only a comment", "# later\n", "the file is empty"},
		{"no text", "\x00\xff\xfe\x00", "checks.yaml:1:1: error: "},
		{"a list", "- a\n- b\n", "the file is a map of keys"},
		{"100 MB", "checks: {one: {http: '" + strings.Repeat("x", 100<<20) + "'}}\n", "the file is larger than 64 MiB"},
		{"nested", "checks: " + deep, "checks.yaml:1:"},
		{"nested and closed", "checks: " + deep + strings.ReplaceAll(deep, "[", "]"), "checks.yaml:1:"},
		{"bomb", bomb, "aliases"},
		{"a key twice", one("command: ['true'], interval: 1s, interval: 2s"), `the key "interval" is given twice`},
		{"a check twice", checksFile(canary + canary), `the key "canary" is given twice`},
		{"an unknown key", one("command: ['true'], intervall: 2s"), `unknown key "intervall"`},
		{"two types", one("command: ['true'], http: 'http://x/'"), "command and http are both types of check"},
		{"no type", one("interval: 2s"), `the check "one" has no type`},
		{"no unit", every("5"), noDuration},
		{"negative", every("-1s"), noDuration},
		{"zero", every("0"), noDuration},
		{"not a number", every(".nan"), noDuration},
		{"infinite", every("1e400s"), noDuration},
		{"overflowing", every("99999999999999999999h"), noDuration},
		{"parentheses", one("command: ['true'], rules: {healthy: '" + strings.Repeat("(", 1_000_000) + "'}"), "this is too long: 1000000 bytes"},
	}
}

// TestHostileFiles has a running daemon read them. Each is refused, loudly, and
// changes nothing.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := checksFile(canary)
	write(t, dir, "checks.yaml", good)
	p := admit(t, dir)
	for _, f := range hostileFiles() {
		p.replace(f.text)
		p.refuses(t, f.name, f.says)
	}
	for _, f := range notFiles {
		path := filepath.Join(dir, "next.yaml")
		if err := f.make(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path, filepath.Join(dir, "checks.yaml")); err != nil {
			t.Fatal(err)
		}
		p.refuses(t, f.name, f.says)
	}
	p.mended(t, good)
	p.survived(t, 1000) // with the race detector; 160 without
}

// notFiles are what may stand in a file's place.
var notFiles = []struct {
	name string
	make func(path string) error
	says string
}{
	{"3 GB of nothing", func(path string) error {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Truncate(3<<30), f.Close())
	}, "the file is larger than 64 MiB"},
	{"a pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }, "cannot read checks.yaml: it is not a plain file"},
	{"an endless device", func(path string) error { return os.Symlink("/dev/zero", path) }, "cannot read checks.yaml: it is not a plain file"},
	{"nothing", func(path string) error { return os.Symlink("/nonexistent", path) }, "cannot read checks.yaml: no such file"},
}

// refuses asks for a reload, which must fail, say why, and change nothing.
func (p *patient) refuses(t *testing.T, what, says string) {
	t.Helper()
	logged := strings.Count(p.logged(), "the file was not reloaded")
	code, out := p.reload()
	if code != 422 || !strings.Contains(out, says) {
		t.Errorf("%s: the reload answers %d, which is not %q:\n%.2000s", what, code, says, out)
	}
	if got := p.names(); !slices.Equal(got, []string{"canary"}) {
		t.Errorf("%s: %v run", what, got)
	}
	if p.metric("polyhealth_config_last_reload_successful") != 0 {
		t.Errorf("%s: the metrics do not tell", what)
	}
	eventually(t, ample, what+": the log tells", func() bool {
		return strings.Count(p.logged(), "the file was not reloaded") > logged
	})
}

// mended puts a good file there, which is noticed, and all is well.
func (p *patient) mended(t *testing.T, text string) {
	t.Helper()
	p.replace(text)
	eventually(t, ample, "a good file is taken up", func() bool {
		return p.metric("polyhealth_config_last_reload_successful") == 1
	})
}
