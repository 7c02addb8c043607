package cli

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"polyhealth/engine"
)

// difference is what changes when the second file takes over from the first, by
// the same comparison that a reload prints.
func difference(t interface{ Fatal(...any) }, first, second *loaded) string {
	if first.plan == nil || second.plan == nil {
		t.Fatal("not valid: ", first.Diagnostics(), second.Diagnostics())
	}
	e := engine.New(slog.New(slog.DiscardHandler))
	change, err := e.Prepare(first.plan)
	if err != nil {
		t.Fatal(err)
	}
	change.Commit()
	if change, err = e.Prepare(second.plan); err != nil {
		t.Fatal(err)
	}
	defer change.Abort()
	return change.Diff().String()
}

// rendered loads what render prints of a file, as if it stood in its place.
func rendered(t interface{ Fatal(...any) }, file string) *loaded {
	var out, errs bytes.Buffer
	if code := Main([]string{"render", file}, nil, &out, &errs); code != 0 {
		t.Fatal("render: ", errs.String())
	}
	beside := filepath.Join(filepath.Dir(file), "rendered.yaml")
	if err := os.WriteFile(beside, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := load(beside, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// What the examples render to is what they are.
func TestExamplesRender(t *testing.T) {
	files, _ := filepath.Glob("../../examples/*.yaml")
	more, _ := filepath.Glob("../../examples/*/*.yaml")
	for _, file := range append(append(files, more...), "../../checks.yaml") {
		copied := filepath.Join(t.TempDir(), "checks.yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, text, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := load(copied, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(t, l, rendered(t, copied)); d != "nothing changed\n" {
			t.Errorf("%s rendered differs:\n%s", file, d)
		}
	}
}

// Whatever a file says once for many, it renders to the same checks.
func TestRenderIsTheSame(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SOME", "thing")
	rapid.Check(t, func(t *rapid.T) {
		file := filepath.Join(dir, "checks.yaml")
		if err := os.WriteFile(file, []byte(randomFile(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := load(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(t, l, rendered(t, file)); d != "nothing changed\n" {
			t.Errorf("rendered it differs:\n%s", d)
		}
	})
}

// randomFile is a file with templates, of which some use others, and checks that
// use them, some for each of a list or map.
func randomFile(t *rapid.T) string {
	var b strings.Builder
	n := rapid.IntRange(1, 5).Draw(t, "templates")
	b.WriteString("templates:\n")
	for i := range n {
		fmt.Fprintf(&b, "  t%d:\n%s", i, randomKeys(t, i, false))
	}
	b.WriteString("  last: {http: {method: GET}}\nchecks:\n")
	for i := range rapid.IntRange(1, 5).Draw(t, "checks") {
		each := rapid.SampledFrom([]string{"", "[a, b-c, 5]", "{x: {v: 1s}, 'y+z': {v: 20ms}}"}).Draw(t, "for_each")
		fmt.Fprintf(&b, "  c%d:\n", i)
		url := "http://localhost/"
		switch {
		case strings.HasPrefix(each, "["):
			url += "?q={{ each.value }}&$$=${SOME}"
		case each != "":
			url += "{{ each.key }}/{{each.value.v}}"
		}
		if each != "" {
			fmt.Fprintf(&b, "    for_each: %s\n", each)
		}
		fmt.Fprintf(&b, "    http: %s\n%s", rapid.SampledFrom([]string{
			"'" + url + "'", "{url: '" + url + "'}", "{url: \"" + url + "\", retries: 1, headers: {A: b}}",
		}).Draw(t, "http"), randomKeys(t, n, true))
	}
	return b.String()
}

// randomKeys are keys of a template or a check, which may use the first n templates.
func randomKeys(t *rapid.T, n int, check bool) string {
	var b strings.Builder
	some := func(line string) {
		if rapid.Bool().Draw(t, line) {
			b.WriteString("    " + line + "\n")
		}
	}
	if !check {
		some(rapid.SampledFrom([]string{"http: {keep_alive: true, headers: {A: a, B: '${SOME}'}}", "http: {headers: {C: c}}"}).Draw(t, "http"))
	}
	some(rapid.SampledFrom([]string{"timeout: 1s", "timeout: '2s'", "interval: ${TIME:-7s}"}).Draw(t, "times"))
	some("thresholds: {healthy: 2}")
	some(rapid.SampledFrom([]string{"tags: [a, '5', \"${SOME}\"]", "tags: []"}).Draw(t, "tags"))
	some(rapid.SampledFrom([]string{"rules: {degraded: latency > \"1s\"}", "rules: {degraded: ['status == 1', 'status == 2'], unhealthy: status == 3}"}).Draw(t, "rules"))
	some("message: |\n      {{ status }} of ${SOME}\n      and more")
	some("metadata: {a: status}")
	b.WriteString("    description: '# none'\n")
	uses := []string{"last"}
	for i := range n {
		if rapid.Bool().Draw(t, "uses") {
			uses = append(uses, fmt.Sprintf("t%d", i))
		}
	}
	fmt.Fprintf(&b, "    uses: [%s]\n", strings.Join(uses, ", "))
	return b.String()
}
