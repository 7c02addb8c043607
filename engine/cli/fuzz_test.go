package cli

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"polyhealth/engine"
	"polyhealth/engine/suite"
	"polyhealth/schema"
)

// FuzzFile: whatever a file holds, it is compiled or refused, soon and with words;
// what is accepted can be opened, tested, and rendered to the same checks.
func FuzzFile(f *testing.F) {
	for _, pattern := range []string{"../../checks.yaml", "../../examples/*.yaml", "../../examples/*/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(src))
		}
	}
	scripts, _ := filepath.Glob("testdata/script/*.txtar")
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if filepath.Ext(file.Name) == ".yaml" {
				f.Add(string(file.Data))
			}
		}
	}
	env := schema.Env{Lookup: func(name string) (string, bool) { return "value-of-" + name, len(name) < 5 }}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 100_000 {
			return
		}
		start := time.Now()
		r := schema.NewReader()
		doc := schema.Parse("fuzz.yaml", []byte(src), env, r)
		plan := engine.Compile(doc, registry(), r)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%d bytes took %v", len(src), took)
		}
		if plan == nil {
			if ds := r.Diagnostics(); len(ds) == 0 || ds[0].Message == "" {
				t.Fatal("refused without a word")
			}
			return
		}
		suite.Compile(doc.Root.Get("tests"), plan, r).Run(nil)
		e := engine.New(slog.New(slog.DiscardHandler))
		change, err := e.Prepare(plan)
		if err != nil {
			return // of a file of this machine, such as a certificate
		}
		change.Commit()
		again := rerendered(t, src, env)
		if again == nil {
			return
		}
		if change, err = e.Prepare(again); err != nil {
			t.Fatal(err)
		}
		if d := change.Diff(); !d.Empty() {
			t.Errorf("rendered it differs:\n%s", d)
		}
		change.Abort()
	})
}

// FuzzSuite: whatever stands under tests, it is refused with words or played to its
// end, and soon.
func FuzzSuite(f *testing.F) {
	const checks = `version: 1
routes: {ops: {webhook: {url: "http://127.0.0.1:1/"}, cooldown: 1s}, log: {webhook: {url: "http://127.0.0.1:1/"}, on: [degraded, unhealthy]}}
checks:
  web: {http: "http://127.0.0.1:1/", interval: 1s, routes: [ops], rules: {degraded: [latency > "1s", json.a > 1]}, metadata: {size: size}}
  db: {sql: {driver: sqlite, dsn: a.db, query: SELECT 1 AS n}, routes: [ops, log], rules: {unhealthy: row.n == 0}}
  run: {command: ["true"], thresholds: {unhealthy: 1}, routes: [log], rules: {unhealthy: consecutive_failures > 2}}
tests:
`
	f.Add("  a: {check: db, results: [{vars: {rows: [{n: 0}]}, times: 3}, {error: x}], transitions: [degraded, unhealthy]}\n")
	f.Add("  a:\n    check: web\n    start: 2026-03-29T00:30:00+01:00\n    results:\n      - {vars: {status: 200, json: {a: 2}, size: 3}, latency: 2s}\n" +
		"      - {at: 1h, unable: y}\n    expect:\n      - {at: 0s, status: degraded, rule: json.a > 1, metadata: {size: 3}, contains: \"200\"}\n      - {at: 2h, alerts: {ops: none}}\n")
	f.Add("  a: {check: run, results: [{vars: {exit_code: 1}, times: 10000, every: 1m}], expect: [{at: 744h, alerts: {log: [firing, reminder]}, failures: 1}]}\n")
	f.Add("  a: {check: web, results: [{error: x, times: 3}], expect: [{at: 24h, alerts: {ops: 86399}}]}\n")
	f.Fuzz(func(t *testing.T, tests string) {
		if len(tests) > 100_000 {
			return
		}
		start := time.Now()
		r := schema.NewReader()
		doc := schema.Parse("fuzz.yaml", []byte(checks+tests), schema.Env{}, r)
		plan := engine.Compile(doc, registry(), r)
		if plan == nil {
			return // tests are not all that is written there
		}
		s := suite.Compile(doc.Root.Get("tests"), plan, r)
		if !r.Failed() {
			s.Coverage(s.Run(nil))
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%d bytes took %v", len(tests), took)
		}
	})
}

// rerendered is the plan of what render makes of a file; nil where a secret stands in
// it, which cannot come back.
func rerendered(t *testing.T, src string, env schema.Env) *engine.Plan {
	t.Helper()
	r := schema.NewReader()
	root := engine.Effective(schema.Parse("fuzz.yaml", []byte(src), env, r), registry(), r)
	var out bytes.Buffer
	if err := r.Write(&out, root); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte(schema.Redacted)) {
		return nil
	}
	r = schema.NewReader()
	plan := engine.Compile(schema.Parse("fuzz.yaml", out.Bytes(), env, r), registry(), r)
	if plan == nil {
		t.Fatalf("rendered it is not valid: %v\n%s", r.Diagnostics()[0], out.Bytes())
	}
	return plan
}
