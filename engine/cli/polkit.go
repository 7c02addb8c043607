package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"polyhealth/engine"

	"github.com/spf13/cobra"
)

func polkitRulesCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "polkit-rules",
		Short: "Print the polkit rule that lets polyhealth restart the file's units",
		Long: "Prints a rule for polkit that lets the user that polyhealth runs as restart exactly\n" +
			"those units of the system that the file's recovery restarts. Put it in\n" +
			"/etc/polkit-1/rules.d/50-polyhealth.rules.",
		Args: noArgs,
	}
	config := configFlag(cmd)
	user := cmd.Flags().String("user", "polyhealth", "whom polyhealth runs as")
	cmd.RunE = func(*cobra.Command, []string) error {
		file := findFile(*config)
		l, err := load(file, s.in)
		if err != nil {
			return err
		}
		if l.plan == nil {
			return fmt.Errorf("%s has mistakes: polyhealth validate %s prints them", file, file)
		}
		units := unitsToRestart(l.plan)
		if len(units) == 0 {
			return fmt.Errorf("%s restarts no unit of the system: no rule is needed", file)
		}
		_, err = fmt.Fprint(s.out, polkitRule(*user, units))
		return err
	}
	return cmd
}

// unitsToRestart are the system's units that a plan may restart, each once.
func unitsToRestart(p *engine.Plan) (units []string) {
	for _, c := range p.Checks {
		if c.Recovery == nil {
			continue
		}
		for _, step := range c.Recovery.Steps {
			if step.Unit != "" && step.Scope == "system" && !slices.Contains(units, step.Unit) {
				units = append(units, step.Unit)
			}
		}
	}
	slices.Sort(units)
	return units
}

// polkitRule allows what restarting takes, and no more.
func polkitRule(user string, units []string) string {
	quote := func(text string) string { b, _ := json.Marshal(text); return string(b) }
	quoted := make([]string, len(units))
	for i, u := range units {
		quoted[i] = quote(u)
	}
	return `// Printed by polyhealth polkit-rules: these units may be restarted, and nothing else.
polkit.addRule(function (action, subject) {
  var units = [` + strings.Join(quoted, ", ") + `];
  var verbs = ["restart", "reset-failed"];
  if (action.id == "org.freedesktop.systemd1.manage-units" &&
      subject.user == ` + quote(user) + ` &&
      units.indexOf(action.lookup("unit")) >= 0 &&
      verbs.indexOf(action.lookup("verb")) >= 0) {
    return polkit.Result.YES;
  }
});
`
}
