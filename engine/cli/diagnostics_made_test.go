package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"polyhealth/schema"
)

const oneCheck = `checks: {one: {http: "http://127.0.0.1/"}}`

// madeFiles are files that are wrong by what they are rather than by what they say, or
// too large to be kept. Each is made in a folder of its own, and checks.yaml, or the
// file that it returns, is validated.
var madeFiles = map[string]struct {
	make func(t *testing.T) (file string)
	want string
}{
	"everybody writes": {func(t *testing.T) string {
		put(t, "checks.yaml", oneCheck, 0o602)
		return ""
	}, "everybody can change this file, and so what polyhealth runs"},
	"everybody reads a secret": {func(t *testing.T) string {
		put(t, "checks.yaml", `checks: {one: {http: {url: "http://127.0.0.1/", bearer: geheim}}}`, 0o604)
		return ""
	}, "everybody can read this file, and it holds secrets\nbearer is written in clear in this file"},
	"a folder of nothing": {func(t *testing.T) string {
		return "."
	}, "the folder holds no file to read"},
	"a pipe is included": {func(t *testing.T) string {
		pipe(t, "pipe.yaml")
		put(t, "checks.yaml", "include: pipe.yaml\n"+oneCheck, 0o600)
		return ""
	}, "cannot include pipe.yaml: it is not a plain file"},
	"a large value": {func(t *testing.T) string {
		sparse(t, "value", 1<<20+1)
		put(t, "checks.yaml", "checks: {one: {http: '${file:value}'}}", 0o600)
		return ""
	}, "it is larger than 1 MiB"},
	"a large file": {func(t *testing.T) string {
		sparse(t, "checks.yaml", schema.MaxFile+1)
		return ""
	}, "the file is larger than 64 MiB"},
	"large files together": {func(t *testing.T) string {
		sparse(t, "more.yaml", schema.MaxFile)
		put(t, "checks.yaml", "include: more.yaml\n"+oneCheck, 0o600)
		return ""
	}, "the files together are larger than 64 MiB, or more than 10000"},
	"many lines": {func(t *testing.T) string {
		put(t, "checks.yaml", strings.Repeat("\n", 4_000_001), 0o600)
		return ""
	}, "the file has more than 4 million lines and parts of lists and maps"},
	"rules that look back too far together": {func(t *testing.T) string {
		places := strings.Repeat("x, ", 9999) + "x"
		for i := range 10_000 {
			places = strings.Replace(places, "x", fmt.Sprint("p", i), 1)
		}
		put(t, "checks.yaml", "checks: {one: {for_each: ["+places+`], http: "http://127.0.0.1/", rules: {degraded: 'avg(latency, "24h") > "1s"'}}}`, 0o600)
		return ""
	}, "the rules of all checks together look back over 439 MB of results: at most 256 MB are kept"},
	"a rule that is no text": {func(t *testing.T) string {
		t.Setenv("DIAGNOSTICS_RULE", "status > \xff")
		put(t, "checks.yaml", `checks: {one: {http: "http://127.0.0.1/", rules: {degraded: "${DIAGNOSTICS_RULE}"}}}`, 0o600)
		return ""
	}, "this is not valid UTF-8"},
	"a long rule": {func(t *testing.T) string {
		put(t, "checks.yaml", `checks: {one: {http: "http://127.0.0.1/", rules: {degraded: '`+strings.Repeat("status > 5 or ", 2000)+`true'}}}`, 0o600)
		return ""
	}, "this is too long: 28004 bytes, where at most 16384 fit"},
	"a long message": {func(t *testing.T) string {
		put(t, "checks.yaml", `checks: {one: {http: "http://127.0.0.1/", message: '`+strings.Repeat("text", 5000)+`'}}`, 0o600)
		return ""
	}, "this is too long: 20000 bytes, where at most 16384 fit"},
	"a rule of many parts": {func(t *testing.T) string {
		put(t, "checks.yaml", `checks: {one: {http: "http://127.0.0.1/", rules: {degraded: status > `+strings.Repeat("1+", 5000)+`1}}}`, 0o600)
		return ""
	}, "this has too many parts: at most 5000 are allowed"},
}

// made is what validate says of the files that are made.
func made(t *testing.T) (ds []schema.Diagnostic) {
	for name, m := range madeFiles {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			file := m.make(t)
			if file == "" {
				file = "checks.yaml"
			}
			said := validated(t, file)
			var all []string
			for _, d := range said {
				all = append(all, d.Message)
			}
			if text := strings.Join(all, "\n"); len(said) != strings.Count(m.want, "\n")+1 || !strings.HasSuffix(text, m.want) {
				t.Errorf("it says\n%.1000s\nand should say\n%s", text, m.want)
			}
			ds = append(ds, said...)
		})
	}
	return ds
}

func put(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
}

// sparse makes a file that has a size, and takes none.
func sparse(t *testing.T, file string, size int64) {
	t.Helper()
	put(t, file, "", 0o600)
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
}

func pipe(t *testing.T, file string) {
	t.Helper()
	if err := syscall.Mkfifo(filepath.Clean(file), 0o600); err != nil {
		t.Fatal(err)
	}
}
