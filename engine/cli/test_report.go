package cli

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/engine"
	"polyhealth/engine/suite"
	"polyhealth/schema"
)

// text reports for people: what failed with its place and its timeline, then a
// line of counts.
func (t tester) text(all []tested) error {
	passed, failed := 0, 0
	for _, one := range all {
		for _, out := range one.outcomes {
			switch {
			case len(out.Failures) == 0:
				passed++
				if !t.verbose {
					continue
				}
				fmt.Fprintf(t.out, "ok    %s\n", out.Name)
			default:
				failed++
				fmt.Fprintf(t.out, "FAIL  %s\n", out.Name)
				if err := one.failures(t.out, out, colored(t.out)); err != nil {
					return err
				}
			}
			timeline(t.out, out)
		}
	}
	if t.coverage {
		t.uncovered(all)
	}
	_, err := fmt.Fprintf(t.out, "%d passed, %d failed\n", passed, failed)
	return err
}

// failures writes a test's failures, each where what was expected stands, and how the
// rules came out with which values.
func (one tested) failures(w io.Writer, out suite.Outcome, color bool) error {
	for _, f := range out.Failures {
		if err := schema.WriteText(w, []schema.Diagnostic{one.pointer.At(f.At, f.Message)}, color); err != nil {
			return err
		}
		for _, t := range f.Rules {
			fmt.Fprintln(w, trial(t))
		}
	}
	return nil
}

// timeline is what happened, a line a moment; of many alike in a row the first and
// the last.
func timeline(w io.Writer, out suite.Outcome) {
	const near = 3
	for i, l := range out.Timeline {
		alike := func(j int) bool { return j >= 0 && j < len(out.Timeline) && out.Timeline[j].Text == l.Text }
		if alike(i-near) && alike(i-1) && alike(i+1) && alike(i+near) {
			if !alike(i - near - 1) {
				fmt.Fprintln(w, "           …")
			}
			continue
		}
		fmt.Fprintf(w, "  %8s  %s\n", offset(l), printable(l.Text))
	}
}

func offset(l suite.Line) string {
	if l.At == 0 {
		return "0s"
	}
	return checktypes.FormatDuration(l.At)
}

// uncovered lists what the tests leave open.
func (t tester) uncovered(all []tested) {
	var covered []suite.Covered
	for _, one := range all {
		covered = append(covered, one.covered...)
		for _, c := range one.covered {
			missing := map[[2]bool]string{{true, false}: "false", {false, true}: "true", {false, false}: "true or false"}[[2]bool{c.True, c.False}]
			if missing != "" {
				d := one.pointer.At(c.At, "")
				fmt.Fprintf(t.out, "%s:%d:%d: %s: no test makes it %s: %s\n", d.File, d.Line, d.Column, c.Check, missing, printable(c.Text))
			}
		}
	}
	fmt.Fprintf(t.out, "coverage: %.0f%% of the rules' outcomes\n", suite.Percent(covered))
}

// printable is a text on one line, without what would move a terminal's cursor.
func printable(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }), " ")
}

type testJSON struct {
	Name     string        `json:"name"`
	Check    string        `json:"check"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Passed   bool          `json:"passed"`
	Failures []failureJSON `json:"failures"`
	Timeline []lineJSON    `json:"timeline"`
}

type failureJSON struct {
	schema.Diagnostic
	Rules []engine.Trial `json:"rules,omitempty"`
}

type lineJSON struct {
	At   string `json:"at"`
	Text string `json:"text"`
}

// json reports a list of tests.
func (t tester) json(all []tested) error {
	tests := []testJSON{}
	for _, one := range all {
		for _, out := range one.outcomes {
			at := one.pointer.At(out.At, "")
			j := testJSON{
				Name: out.Name, Check: out.Check, File: at.File, Line: at.Line, Passed: len(out.Failures) == 0,
				Failures: []failureJSON{}, Timeline: []lineJSON{},
			}
			for _, f := range out.Failures {
				j.Failures = append(j.Failures, failureJSON{one.pointer.At(f.At, f.Message), f.Rules})
			}
			for _, l := range out.Timeline {
				j.Timeline = append(j.Timeline, lineJSON{offset(l), l.Text})
			}
			tests = append(tests, j)
		}
	}
	enc := json.NewEncoder(t.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(tests)
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junit reports in the XML that CI servers read, a suite a file.
func (t tester) junit(all []tested) error {
	report := struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []junitSuite
	}{}
	for _, one := range all {
		s := junitSuite{Name: one.file, Tests: len(one.outcomes)}
		for _, out := range one.outcomes {
			at := one.pointer.At(out.At, "")
			c := junitCase{Name: out.Name, Class: out.Check, File: at.File, Line: at.Line}
			if len(out.Failures) > 0 {
				s.Failures++
				var text strings.Builder
				if err := one.failures(&text, out, false); err != nil {
					return err
				}
				timeline(&text, out)
				c.Failure = &junitFailure{Message: out.Failures[0].Message, Text: text.String()}
			}
			s.Cases = append(s.Cases, c)
		}
		report.Suites = append(report.Suites, s)
	}
	if _, err := io.WriteString(t.out, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(t.out)
	enc.Indent("", "  ")
	if err := enc.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(t.out, "\n")
	return err
}
