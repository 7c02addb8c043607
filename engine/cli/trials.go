package cli

import (
	"fmt"
	"io"
	"strings"

	"polyhealth/engine"
	"polyhealth/engine/rule"
)

// explain prints of each row what decided, and the rules in the order in which they
// were tried, with how each came out.
func (r report) explain(w io.Writer) error {
	var b strings.Builder
	for _, c := range r.Components {
		fmt.Fprintf(&b, "\n%s: %s\n", oneLine(c.Name), oneLine(c.Reason))
		for _, t := range c.Rules {
			fmt.Fprintln(&b, trial(t))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// trial is a line on one rule.
func trial(t engine.Trial) string {
	return fmt.Sprintf("  %-7s  %s: %s%s", t.Outcome, t.Status, oneLine(t.Rule), aside(t))
}

// aside is what there is to say of a rule that was tried, in parentheses.
func aside(t engine.Trial) string {
	var parts []string
	if t.Why != "" {
		parts = append(parts, oneLine(t.Why))
	}
	if len(t.Readings) > 0 {
		parts = append(parts, readings(t.Readings))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// readings says what was read.
func readings(all []rule.Reading) string {
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = oneLine(r.Name + " was " + r.Text)
	}
	return strings.Join(texts, ", ")
}
