package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/mistakes/*.out anew; read each")

// TestTypicalMistakes makes, one a file, the mistakes of somebody who begins, and
// compares what validate says. It says one thing of each, from which it must be
// plain what to write instead.
func TestTypicalMistakes(t *testing.T) {
	t.Chdir("testdata/mistakes")
	t.Setenv("TELEGRAM_BOT_TOKEN", "") // to have it put back
	os.Unsetenv("TELEGRAM_BOT_TOKEN")
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".yaml"), func(t *testing.T) {
			var out, trouble bytes.Buffer
			code := Main([]string{"validate", file}, nil, &out, &trouble)
			golden := strings.TrimSuffix(file, ".yaml") + ".out"
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out.String() != string(want) || trouble.Len() > 0 {
				t.Errorf("got\n%s%s\nwant\n%s", &out, &trouble, want)
			}
			told := strings.Count(out.String(), ": error: ") + strings.Count(out.String(), ": warning: ")
			if file == "and-ampersands.yaml" { // which are allowed
				told, code = told+1, code+1
			}
			if told != 1 || code != 1 {
				t.Errorf("%d things are told of one mistake, exit code %d", told, code)
			}
		})
	}
}
