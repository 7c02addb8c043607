package cli

import (
	"os"
	"path/filepath"
	"testing"

	"polyhealth/engine/cli/importer"
	"polyhealth/schema"
)

// Whatever a file holds, it is refused with a reason, or becomes one that is valid.
func FuzzImport(f *testing.F) {
	for _, format := range []string{"gatus", "blackbox"} {
		files, _ := filepath.Glob(filepath.Join("testdata/import", format, "*.*"))
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && filepath.Ext(file) != ".want" {
				f.Add(text)
			}
		}
	}
	targets, err := os.ReadFile("testdata/import/blackbox/jobs.prometheus")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for name, read := range map[string]func(*schema.Reader) *importer.Result{
			"gatus": func(r *schema.Reader) *importer.Result {
				return importer.Gatus("fuzz", schema.ParsePlain("fuzz", src, r), r)
			},
			"blackbox": func(r *schema.Reader) *importer.Result {
				return importer.Blackbox("fuzz", schema.ParsePlain("fuzz", src, r), nil, r)
			},
			"targets": func(r *schema.Reader) *importer.Result {
				return importer.Blackbox("fuzz", schema.ParsePlain("fuzz", src, r), schema.ParsePlain("jobs", targets, r), r)
			},
			"jobs": func(r *schema.Reader) *importer.Result {
				module := []byte("modules: {http_2xx: {prober: http}, tcp: {prober: tcp}}")
				return importer.Blackbox("fuzz", schema.ParsePlain("fuzz", module, r), schema.ParsePlain("jobs", src, r), r)
			},
		} {
			r := schema.NewReader()
			result := read(r)
			if (result == nil) != r.Failed() {
				t.Fatalf("%s: a result, and mistakes: %v", name, r.Diagnostics())
			}
			if result == nil {
				continue
			}
			text, err := validDraft(result.File)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if wrong := mistakes(text); len(wrong) > 0 {
				t.Fatalf("%s: %v\n%s", name, wrong, text)
			}
		}
	})
}
