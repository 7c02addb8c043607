package schema

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/err/*.out anew; read each")

// TestMistakes reads files with one mistake each, and compares what a person is
// told. A file without an .out is valid.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, r := readSample(filepath.Base(file), string(src), sampleEnv())
			got, golden := textOf(r.Diagnostics()), strings.TrimSuffix(file, ".yaml")+".out"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if mistakes := len(r.Diagnostics()); mistakes != 1 {
				t.Errorf("%d mistakes are told of one", mistakes)
			}
			if !r.Failed() {
				t.Error("the file is valid")
			}
		})
	}
}
