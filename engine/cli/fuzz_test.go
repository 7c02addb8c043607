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
		if took := time.Since(start); took > 2*time.Second {
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
