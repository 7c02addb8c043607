package cli

import (
	"fmt"
	"regexp"
	"strconv"

	"polyhealth/engine/suite"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func testCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [FILE…]",
		Short: "Run the unit tests that a file holds",
		Long: "Runs the tests of the files, each in its own made-up time: results of a check at\n" +
			"times, and what is to come of them, through the code that judges real results.\n" +
			"Nothing is probed and nothing is sent. FILE defaults to checks.yaml.",
		Example: "  polyhealth test\n  polyhealth test --run outage --coverage checks.yaml",
	}
	t := tester{streams: s}
	cmd.Flags().StringVar(&t.run, "run", "", "only the tests whose name matches this regular expression")
	cmd.Flags().BoolVar(&t.coverage, "coverage", false, "list the rules that no test has made both true and false")
	cmd.Flags().IntVar(&t.least, "min-coverage", 0, "fail below this `percentage` of the rules' outcomes")
	cmd.Flags().BoolVarP(&t.verbose, "verbose", "v", false, "show the timeline of tests that pass, too")
	config := configFlag(cmd)
	format := formatFlag(cmd, "text", "json", "junit")
	cmd.RunE = func(_ *cobra.Command, files []string) error {
		if *config != "" {
			files = append([]string{*config}, files...)
		}
		if len(files) == 0 {
			files = []string{findFile("")}
		}
		t.format = format.value
		return t.files(files)
	}
	return cmd
}

// tester is one call of polyhealth test.
type tester struct {
	streams
	run      string
	coverage bool
	least    int
	verbose  bool
	format   string
}

// tested is one file and what became of its tests.
type tested struct {
	file     string
	outcomes []suite.Outcome
	covered  []suite.Covered
	pointer  *schema.Reader // to point at places in it
}

func (t tester) files(files []string) error {
	pattern, err := regexp.Compile(t.run)
	if err != nil {
		return usageError{fmt.Errorf("--run: %w", err)}
	}
	if t.least < 0 || t.least > 100 {
		return usageError{fmt.Errorf("--min-coverage wants a number from 0 to 100, not %d", t.least)}
	}
	var all []tested
	ran := 0
	for _, file := range files {
		one, err := t.file(file, pattern)
		if err != nil {
			return err
		}
		ran += len(one.outcomes)
		all = append(all, one)
	}
	if ran == 0 {
		return t.fail("no test matches --run %s", strconv.Quote(t.run))
	}
	if err := t.report(all); err != nil {
		return err
	}
	return t.verdict(all)
}

// file runs the tests of one file.
func (t tester) file(file string, pattern *regexp.Regexp) (tested, error) {
	l, err := load(file, t.in)
	if err != nil {
		return tested{}, t.fail("%v", err)
	}
	if l.plan == nil {
		if err := schema.WriteText(t.err, l.Diagnostics(), colored(t.err)); err != nil {
			return tested{}, err
		}
		return tested{}, exit(exitFailed)
	}
	if len(l.suite.Cases) == 0 {
		return tested{}, t.fail("%s holds no tests: add some under its key tests", l.doc.File)
	}
	one := tested{file: l.doc.File, outcomes: l.suite.Run(pattern), pointer: l.Reader}
	one.covered = l.suite.Coverage(one.outcomes)
	return one, nil
}

func (t tester) fail(format string, args ...any) error {
	fmt.Fprintf(t.err, "polyhealth: "+format+"\n", args...)
	return exit(exitFailed)
}

func (t tester) report(all []tested) error {
	switch t.format {
	case "json":
		return t.json(all)
	case "junit":
		return t.junit(all)
	}
	return t.text(all)
}

// verdict fails where a test did, or too little is covered.
func (t tester) verdict(all []tested) error {
	var covered []suite.Covered
	failed := false
	for _, one := range all {
		covered = append(covered, one.covered...)
		for _, out := range one.outcomes {
			failed = failed || len(out.Failures) > 0
		}
	}
	if percent := suite.Percent(covered); percent < float64(t.least) {
		return t.fail("the tests cover %.0f%% of the rules' outcomes, less than %d%%", percent, t.least)
	}
	if failed {
		return exit(exitFailed)
	}
	return nil
}
