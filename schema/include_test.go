package schema_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"polyhealth/schema"
)

// included reads the files of an archive, of which the first is the one that the
// user names, from memory.
func included(t *testing.T, archive string) (*schema.Document, *schema.Reader) {
	t.Helper()
	files := txtar.Parse([]byte(archive)).Files
	text := map[string][]byte{}
	for _, f := range files {
		text["/etc/ph/"+f.Name] = f.Data
	}
	e := env()
	e.ReadIncluded = func(path string) ([]byte, error) {
		if strings.HasSuffix(path, "secret.yaml") {
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrPermission}
		}
		return text[path], nil
	}
	e.List = func(path string) (names []string, err error) {
		for name := range text {
			if fits, _ := filepath.Match(path, name); fits || filepath.Dir(name) == path {
				names = append(names, name)
			}
		}
		if slices.Sort(names); len(names) == 0 && !strings.Contains(path, "*") {
			return nil, os.ErrNotExist
		}
		return names, nil
	}
	r := schema.NewReader()
	return schema.Parse("/etc/ph/"+files[0].Name, files[0].Data, e, r), r
}

// TestIncludeJoins: maps entry by entry, lists one behind the other, in the order in
// which the files are read.
func TestIncludeJoins(t *testing.T) {
	doc, r := included(t, `
-- main.yaml --
include: [b.yaml, "${PORT}.yaml", d]
version: 1
m: {a: 1}
l: [1]
-- b.yaml --
include: sub/c.yaml
m: {b: {x: 2}}
l: [2]
version: 1
-- 5432.yaml --
m: {d: 4}
-- sub/c.yaml --
l: [3]
m: {c: 3}
new: {deep: {er: 1}}
-- d/2.yaml --
new: {z: 2}
-- d/1.yaml --
new: {left: 1}
`)
	if r.Failed() {
		t.Fatal(text(r))
	}
	var b strings.Builder
	if err := r.Write(&b, doc.Root); err != nil {
		t.Fatal(err)
	}
	want := "version: 1\nm:\n  a: 1\n  b:\n    x: 2\n  c: 3\n  d: 4\nl: [1, 2, 3]\nnew:\n  deep:\n    er: 1\n  left: 1\n  z: 2\n"
	if b.String() != want {
		t.Errorf("joined it is\n%s\nwant\n%s", b.String(), want)
	}
	var read []string
	for _, f := range doc.Files {
		read = append(read, strings.TrimPrefix(f.Path, "/etc/ph/"))
	}
	if got := strings.Join(read, " "); got != "main.yaml b.yaml sub/c.yaml 5432.yaml d/1.yaml d/2.yaml" {
		t.Errorf("it read %s", got)
	}
	if got := strings.Join(doc.Includes, " "); got != "/etc/ph/b.yaml /etc/ph/sub/c.yaml /etc/ph/5432.yaml /etc/ph/d" {
		t.Errorf("it is to be watched for %s", got)
	}
	if dir := doc.Root.Get("m", "c").Dir(); dir != "/etc/ph/sub" {
		t.Errorf("a path in sub/c.yaml is relative to %s", dir)
	}
}

// TestIncludeMistakes: each is told in its own file.
func TestIncludeMistakes(t *testing.T) {
	for name, c := range map[string]struct{ archive, want string }{
		"given twice":   {"-- a.yaml --\ninclude: b.yaml\nm: {x: 1}\n-- b.yaml --\nm: {x: 2}\n", `b.yaml:1:5: error: the key "x" is given twice|hint: the first is at /etc/ph/a.yaml:2`},
		"two values":    {"-- a.yaml --\ninclude: b.yaml\nversion: 1\n-- b.yaml --\nversion: 2\n", `b.yaml:1:1: error: the key "version" is given twice|hint: the first is at /etc/ph/a.yaml:2`},
		"of two kinds":  {"-- a.yaml --\ninclude: b.yaml\nm: [1]\n-- b.yaml --\nm: {a: 1}\n", `b.yaml:1:1: error: the key "m" is given twice|`},
		"of two files":  {"-- a.yaml --\ninclude: [b.yaml, c.yaml]\n-- b.yaml --\nm: {x: 1}\n-- c.yaml --\nm: {w: 1, x: 2}\n", `c.yaml:1:11: error: the key "x" is given twice|hint: the first is at /etc/ph/b.yaml:1`},
		"itself":        {"-- a.yaml --\ninclude: a.yaml\n", "a.yaml:1:10: error: /etc/ph/a.yaml is read already|hint: a file cannot include itself"},
		"a circle":      {"-- a.yaml --\ninclude: b.yaml\n-- b.yaml --\ninclude: c.yaml\n-- c.yaml --\ninclude: b.yaml\n", "c.yaml:1:10: error: /etc/ph/b.yaml is read already|hint: it is included at /etc/ph/a.yaml:1"},
		"twice":         {"-- a.yaml --\ninclude:\n  - b.yaml\n  - ./b.yaml\n-- b.yaml --\nm: {x: 1}\n", "a.yaml:3:5: error: /etc/ph/b.yaml is read already|hint: it is included at /etc/ph/a.yaml:2"},
		"not there":     {"-- a.yaml --\nm: {}\ninclude: none.yaml\n", `a.yaml:2:10: error: cannot include "none.yaml": file does not exist|`},
		"not readable":  {"-- a.yaml --\ninclude: secret.yaml\n-- secret.yaml --\n", "a.yaml:1:10: error: cannot include /etc/ph/secret.yaml: permission denied|"},
		"no text":       {"-- a.yaml --\ninclude: [{x: y}]\n", "a.yaml:1:11: error: include wants the path of a file or folder, found a map|hint: such as include: checks.d/*.yaml"},
		"a variable":    {"-- a.yaml --\ninclude: ${NOPE}\n", "a.yaml:1:10: error: the environment variable NOPE is not set|"},
		"broken":        {"-- a.yaml --\ninclude: b.yaml\n-- b.yaml --\nm: {\n", "b.yaml:1:4: error: the map that is opened here is not closed|"},
		"empty":         {"-- a.yaml --\ninclude: b.yaml\n-- b.yaml --\n# nothing\n", "b.yaml:1:1: error: the file is empty|"},
		"no map":        {"-- a.yaml --\ninclude: b.yaml\n-- b.yaml --\n[1]\n", "b.yaml:1:1: error: the file is a map of keys, found a list|"},
		"none fits":     {"-- a.yaml --\ninclude: c*.yaml\nm: {}\n", `a.yaml:1:10: warning: "c*.yaml" names no file|`},
		"within itself": {"-- a.yaml --\ninclude: '*.yaml'\n", "a.yaml:1:10: error: /etc/ph/a.yaml is read already|hint: a file cannot include itself"},
	} {
		t.Run(name, func(t *testing.T) {
			_, r := included(t, c.archive)
			got, want := text(r), strings.Split(c.want, "|")
			if strings.Count(got, ": error: ")+strings.Count(got, ": warning: ") != 1 {
				t.Errorf("not one mistake:\n%s", got)
			}
			if !strings.HasPrefix(got, "/etc/ph/"+want[0]) || !strings.HasSuffix(strings.TrimSpace(got), want[1]) {
				t.Errorf("got\n%s\nwant %s", got, c.want)
			}
		})
	}
}

// TestIncludeBounds: files that include more and more come to an end.
func TestIncludeBounds(t *testing.T) {
	n, r := 0, schema.NewReader()
	e := env()
	e.List = func(path string) ([]string, error) { n++; return []string{fmt.Sprintf("/x/%d.yaml", n)}, nil }
	e.ReadIncluded = func(string) ([]byte, error) { return []byte("include: [a, b]\n"), nil }
	schema.Parse("/x/a.yaml", []byte("include: [a, b]\n"), e, r)
	if got := text(r); strings.Count(got, "error: ") != 1 || !strings.Contains(got, "the files together are larger than 64 MiB, or more than 10000") {
		t.Errorf("after %d files: %.500s", n, got)
	}
	if n > 30_000 {
		t.Errorf("it asked for %d files", n)
	}
}

// TestListFiles is on a real folder.
func TestListFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.yaml", "a.yml", ".hidden.yaml", "notes.txt", "[x].yaml", "c.yaml~", "sub.yaml/in.yaml"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"":            "[x].yaml a.yml b.yaml",
		"*.yaml":      "[x].yaml b.yaml",
		"*":           "[x].yaml a.yml b.yaml c.yaml~ notes.txt",
		".hidden.*":   "",
		"[x].yaml":    "[x].yaml",
		"sub.yaml":    "sub.yaml/in.yaml",
		"*/*.yaml":    "sub.yaml/in.yaml",
		"none/*.yaml": "",
	} {
		files, err := schema.ListFiles(filepath.Join(dir, path))
		for i := range files {
			files[i], _ = filepath.Rel(dir, files[i])
		}
		if got := strings.Join(files, " "); err != nil || got != want {
			t.Errorf("%q names %s (%v), want %s", path, got, err, want)
		}
	}
	for path, want := range map[string]string{"none.yaml": "no such file", "[a.yaml": "a [ is not closed"} {
		if _, err := schema.ListFiles(filepath.Join(dir, path)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
	}
}
