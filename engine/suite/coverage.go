package suite

import (
	"polyhealth/engine"
	"polyhealth/schema"
)

// A Covered is one rule, and what tests have made of it.
type Covered struct {
	Check string
	Text  string // such as `degraded: latency > "1s"`
	At    *schema.Node
	True  bool // some test had it decide
	False bool // some test had it tried, and false
}

// Coverage tells of every rule of the file whether the tests have made it true and
// false.
func (s *Suite) Coverage(outcomes []Outcome) (all []Covered) {
	for _, check := range s.plan.Checks {
		rules := check.RuleTexts()
		covered := make([]Covered, len(rules))
		for i, r := range rules {
			covered[i] = Covered{Check: check.Name, Text: r.Text, At: r.At}
		}
		for _, out := range outcomes {
			if out.check != check {
				continue
			}
			for _, step := range out.steps {
				for i, tried := range step.Tried {
					covered[i].True = covered[i].True || tried == engine.WasTrue
					covered[i].False = covered[i].False || tried == engine.WasFalse
				}
			}
		}
		all = append(all, covered...)
	}
	return all
}

// Percent is how many of the rules' outcomes, true and false of each, were seen; 100
// where there are no rules.
func Percent(all []Covered) float64 {
	seen := 0
	for _, c := range all {
		if c.True {
			seen++
		}
		if c.False {
			seen++
		}
	}
	if len(all) == 0 {
		return 100
	}
	return float64(seen) / float64(2*len(all)) * 100
}
