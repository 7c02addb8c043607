package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polyhealth/schema"
)

// excepted are wordings that no file here brings about, each with the reason.
var excepted = map[string]string{
	"for_each makes the file too large: more than … million values": "it takes too long here: TestLargeExpansion of engine makes one",
	"its group can change this file, and so what polyhealth runs":   "only root can give a file to a group: TestWarnOfGroup does",

	"… wants a number, found …":    "no key of today's is a number with a fraction",
	"nothing can be included here": "validate reads the files of the system; who reads a file otherwise may have none",
	"cannot read … here":           "likewise",
	"this cannot be read":          "all that the parser of expressions says today is reworded",
	"this cannot be compiled":      "what was checked compiles; should a library panic, that is a mistake of the file still",
	"this has no meaning here":     "the parser of expressions makes no other part of one",
	"the file is nested too deeply to be formatted: it would become more than … times as large": "only fmt says it: FuzzFormat and its tests do",
	"the file cannot be formatted: that would change what it says":                              "likewise",
	"the operator … has no meaning here":                                                        "the parser of expressions knows no other operator",
}

// TestEveryDiagnostic proves that whatever can be wrong with a file is found by
// validate: there is a file for each message that the source holds. As run, reload
// and check come through the same function, nothing of this kind can first be said
// while the daemon runs.
func TestEveryDiagnostic(t *testing.T) {
	said := map[string]bool{}
	for _, message := range corpus(t) {
		said[message] = true
	}
	all := wordings(t)
	covered := make([]bool, len(all))
	for message := range said {
		cover(all, covered, message)
	}
	texts := map[string]bool{}
	for i, w := range all {
		texts[w.text] = true
		switch reason := excepted[w.text]; {
		case !covered[i] && reason == "":
			t.Errorf("%s: no file makes validate say: %s", w.at, w.text)
		case covered[i] && reason != "":
			t.Errorf("%s: validate does say it, take it out of excepted: %s", w.at, w.text)
		}
	}
	for text := range excepted {
		if !texts[text] {
			t.Errorf("nothing says any more, take it out of excepted: %s", text)
		}
	}
	t.Logf("%d wordings, %d excepted, %d messages", len(all), len(excepted), len(said))
}

// cover marks the wordings that a message comes from: parts of it, and of the whole
// ones those that say most of it, as many fit "… is …".
func cover(all []wording, covered []bool, message string) {
	most := 0
	for _, w := range all {
		if !w.part && w.pattern.MatchString(message) {
			most = max(most, w.fixed)
		}
	}
	for i, w := range all {
		if (w.part || w.fixed == most) && w.pattern.MatchString(message) {
			covered[i] = true
		}
	}
}

// corpus is what validate says of all files that are there to be wrong.
func corpus(t *testing.T) (messages []string) {
	add := func(ds []schema.Diagnostic) {
		for _, d := range ds {
			messages = append(messages, d.Message)
		}
	}
	for _, folder := range []string{"testdata/mistakes", "../../schema/testdata/err", "testdata/diagnostics"} {
		within(t, folder, func(file string) { add(validated(t, file)) })
	}
	add(made(t))
	return messages
}

// within calls f for the files of a folder, in a copy of it that nobody else can
// read or change, as a warning tells of that.
func within(t *testing.T, folder string, f func(file string)) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	defer t.Chdir(here)
	copied := t.TempDir()
	err = os.CopyFS(copied, os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(copied)
	_ = filepath.WalkDir(".", func(path string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			err = os.Chmod(path, 0o600)
		}
		return err
	})
	files, _ := filepath.Glob("*.yaml")
	if len(files) == 0 || err != nil {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	for _, file := range files {
		f(file)
	}
}

// validated is what validate says of a file.
func validated(t *testing.T, file string) (ds []schema.Diagnostic) {
	t.Helper()
	var out, trouble bytes.Buffer
	Main([]string{"validate", "--format", "json", file}, nil, &out, &trouble)
	if err := json.Unmarshal(out.Bytes(), &ds); err != nil || trouble.Len() > 0 {
		t.Fatalf("%s: %v %s%s", file, err, &out, &trouble)
	}
	return ds
}

// TestWants compares what validate says of the files in testdata/diagnostics with
// what they want: a line that is wrong ends in a comment, # want: and the message,
// several with ;; between them. Files of a folder of the same name are looked at with
// the file that includes them.
func TestWants(t *testing.T) {
	t.Setenv("DIAGNOSTICS_TOKEN", "0123456789")
	within(t, "testdata/diagnostics", func(file string) {
		t.Run(strings.TrimSuffix(file, ".yaml"), func(t *testing.T) {
			wants := map[string]map[string]int{}
			parts, _ := filepath.Glob(strings.TrimSuffix(file, ".yaml") + "/*.yaml")
			for _, part := range append(parts, file) {
				wantsOf(t, part, wants)
			}
			for _, d := range validated(t, file) {
				at := place(d.File, d.Line)
				if wants[at][d.Message] == 0 {
					t.Errorf("%s: nobody wants: %s", at, d.Message)
				} else {
					wants[at][d.Message]--
				}
			}
			for _, at := range slices.Sorted(maps.Keys(wants)) {
				for message, left := range wants[at] {
					if left > 0 {
						t.Errorf("%s: validate does not say: %s", at, message)
					}
				}
			}
		})
	})
}

// wantsOf adds what the lines of a file want.
func wantsOf(t *testing.T, file string, wants map[string]map[string]int) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(src), "\n") {
		if _, want, found := strings.Cut(line, "# want: "); found {
			messages := map[string]int{}
			for _, message := range strings.Split(want, " ;; ") {
				messages[strings.TrimSpace(message)]++
			}
			wants[place(file, i+1)] = messages
		}
	}
}

func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }
