// Report reads `go test -json` from standard input and prints it for people: a
// line a package, the whole output of what failed, what was skipped and why, and
// the sum at the end. It exits 1 where anything failed or nothing ran, and, where
// POLYHEALTH_REQUIRE_ALL is 1, where anything was skipped.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

type tally struct {
	passed, failed int
	skipped        []string
	output         map[string][]string // by package and test, until it ends
	packageFailed  bool
}

func main() {
	t := tally{output: map[string][]string{}}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var ev event
		if json.Unmarshal(in.Bytes(), &ev) != nil {
			fmt.Println(in.Text())
			continue
		}
		t.take(ev)
	}
	if err := in.Err(); err != nil {
		fmt.Println("cannot read the test output:", err)
		t.packageFailed = true
	}
	os.Exit(t.close())
}

func (t *tally) take(ev event) {
	key := ev.Package + " " + ev.Test
	switch ev.Action {
	case "output":
		t.output[key] = append(t.output[key], ev.Output)
	case "build-output":
		fmt.Print(ev.Output)
	case "build-fail":
		t.packageFailed = true
	case "pass", "fail", "skip":
		if ev.Test == "" {
			t.pkg(ev, key)
		} else {
			t.test(ev, key)
		}
		delete(t.output, key)
	}
}

func (t *tally) test(ev event, key string) {
	switch ev.Action {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
		fmt.Printf("--- FAIL %s %s (%.1fs)\n%s", ev.Package, ev.Test, ev.Elapsed, strings.Join(t.output[key], ""))
	case "skip":
		t.skipped = append(t.skipped, fmt.Sprintf("%s %s: %s", ev.Package, ev.Test, reason(t.output[key])))
	}
}

func (t *tally) pkg(ev event, key string) {
	if ev.Action == "fail" {
		t.packageFailed = true
		fmt.Print(strings.Join(t.output[key], ""))
	}
	if ev.Action != "skip" {
		fmt.Printf("%-4s %s %.1fs\n", ev.Action, ev.Package, ev.Elapsed)
	}
}

// reason is what a skipped test said: the text after "file.go:12: ".
func reason(output []string) string {
	for _, line := range output {
		if _, text, ok := strings.Cut(strings.TrimSpace(line), ".go:"); ok {
			if _, why, ok := strings.Cut(text, ": "); ok {
				return why
			}
		}
	}
	return "no reason given"
}

func (t *tally) close() int {
	slices.Sort(t.skipped)
	if len(t.skipped) > 0 {
		fmt.Println("\nskipped:")
		for _, s := range t.skipped {
			fmt.Println(" ", s)
		}
	}
	if t.packageFailed && t.failed == 0 {
		t.failed = 1 // a package that did not build, or died outside a test
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	if t.failed > 0 || t.passed == 0 || os.Getenv("POLYHEALTH_REQUIRE_ALL") == "1" && len(t.skipped) > 0 {
		return 1
	}
	return 0
}
