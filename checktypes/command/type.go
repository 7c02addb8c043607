package command

import (
	"fmt"

	"polyhealth/checktypes"
	"polyhealth/checktypes/jsonvalue"
	"polyhealth/schema"
)

// Type is the command check type.
var Type = checktypes.Define(checktypes.Definition[Config, Vars]{
	Name:  "command",
	Doc:   "Runs a program and looks at its exit code and its output.",
	Short: "argv",
	Defaults: Config{
		MaxOutput: 64 << 10,
		Format:    "text",
	},
	Check:   check,
	Open:    open,
	Judge:   judge,
	Without: without,
	Derive:  derive,
	Summary: summary,
})

// Config is what the command key holds.
type Config struct {
	// The program and its arguments, which no shell sees. A program without a slash
	// is looked for in PATH; one with a slash is relative to this file.
	Argv []string `yaml:"argv,oneof=argv" example:"[check_disk, -w, 10%, -c, 5%]"`
	// A line for /bin/sh -c, instead of argv.
	Shell string `yaml:"shell,oneof=argv" example:"df / | tail -1"`
	// Environment variables to set. Of polyhealth's own the program gets PATH, HOME,
	// USER, LOGNAME, LANG, LC_*, TZ and TMPDIR, and no other.
	Env map[string]string `yaml:"env" example:"PGHOST: /run/postgresql"`
	// The folder to run in, relative to this file; by default the one of this file.
	Dir string `yaml:"dir" example:"/srv/app"`
	// The user to run as, by name or number, with the user's groups and home. Only
	// root may run as somebody else.
	User string `yaml:"user" example:"nobody"`
	// What the program reads from its standard input; by default nothing.
	Stdin string `yaml:"stdin"`
	// How much to keep of standard output, and of standard error; what comes after
	// is read and thrown away. By default 64KiB, at most 64MiB.
	MaxOutput schema.Size `yaml:"max_output" example:"1MiB"`
	// What standard output is: text, which is the default; json, which fills json and
	// fails the probe where it is not JSON; or nagios, where the exit code 0, 1, 2 or
	// 3 means healthy, degraded, unhealthy or unknown, the first line is the message
	// and performance data fills perfdata.
	Format string `yaml:"format" enum:"text,json,nagios" example:"nagios"`
}

// Vars are what rules see of a command probe.
type Vars struct {
	checktypes.Common
	// ExitCode is the program's exit code; 128 and the signal's number where a
	// signal killed it, as shells count.
	ExitCode int `expr:"exit_code" min:"0" max:"255"`
	// Stdout is what the program printed, without the line breaks at its end. What
	// is not UTF-8 is replaced by U+FFFD. It ends with … where it is not all.
	Stdout string `expr:"stdout"`
	// Stderr is what the program printed as errors, as stdout.
	Stderr string `expr:"stderr"`
	// Truncated is true where stdout or stderr went on after max_output.
	Truncated bool `expr:"truncated"`
	// JSON is standard output as JSON; null where it is none and format is not json.
	JSON any `expr:"json"`
	// Signal is the signal that killed the program, such as SIGSEGV, or empty.
	Signal string `expr:"signal"`
	// Perfdata is the performance data by label, with format nagios. What has a value
	// that the plugin does not know (U), or that is no number, is left out.
	Perfdata map[string]*Perf `expr:"perfdata"`
}

// Perf is one value of a plugin's performance data.
type Perf struct {
	// Value is the number, in Unit.
	Value float64 `expr:"value"`
	// Unit is s, ms, us, %, B, KB, MB, GB, TB, c for a counter, or empty; as printed.
	Unit string `expr:"unit"`
	// Warn is the range of the warning threshold as printed, such as 10, ~:10 or
	// @10:20; or empty.
	Warn string `expr:"warn"`
	// Crit is the range of the critical threshold, as warn.
	Crit string `expr:"crit"`
	// InWarn is true where the value is one that warn alerts on.
	InWarn bool `expr:"in_warn"`
	// InCrit is true where the value is one that crit alerts on.
	InCrit bool `expr:"in_crit"`
	// Min is the least possible value, a float, or null where it is not told.
	Min any `expr:"min"`
	// Max is the greatest possible value, a float, or null where it is not told.
	Max any `expr:"max"`
}

// without: only a plugin's output is looked through for performance data.
func without(c Config) map[string]string {
	if c.Format == "nagios" {
		return nil
	}
	return map[string]string{"perfdata": "only format: nagios has it"}
}

// derive makes the JSON and the performance data of standard output, and what a
// program that ends well leaves empty.
func derive(c *Config, v *Vars, has checktypes.Has) {
	if !has["json"] && has["stdout"] {
		v.JSON, _ = jsonvalue.Parse([]byte(v.Stdout))
		has["json"] = true
	}
	if !has["perfdata"] && c.Format == "nagios" && has["stdout"] {
		_, perfdata := splitPlugin(v.Stdout)
		v.Perfdata, has["perfdata"] = parsePerfdata(perfdata), true
	}
	for _, name := range []string{"exit_code", "stdout", "stderr", "truncated", "signal"} {
		has[name] = true
	}
}

func judge(c *Config, v *Vars) checktypes.Status {
	switch {
	case v.Signal != "":
		return checktypes.Unhealthy
	case v.ExitCode == 0:
		return checktypes.Healthy
	case c.Format != "nagios" || v.ExitCode == 2:
		return checktypes.Unhealthy
	case v.ExitCode == 1:
		return checktypes.Degraded
	default: // 3, and what no plugin may return
		return checktypes.Unknown
	}
}

// summary is the first line that the program printed, where that is made for
// people to read; of standard error where it failed.
func summary(c *Config, v *Vars) string {
	if v.Signal != "" {
		return "killed by " + v.Signal
	}
	var line string
	switch {
	case c.Format == "nagios":
		text, _ := splitPlugin(v.Stdout)
		line = firstLine(text)
	case v.ExitCode != 0:
		line = firstLine(v.Stderr)
	}
	if line == "" && c.Format == "text" {
		line = firstLine(v.Stdout)
	}
	if line == "" {
		line = fmt.Sprintf("exit %d in %s", v.ExitCode, checktypes.FormatDuration(v.Latency))
	}
	return line
}
