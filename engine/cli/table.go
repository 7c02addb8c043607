package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"polyhealth/checktypes"
	"polyhealth/engine"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A row is a component as check and status show it. Its JSON form is a subset of
// the component's in /health.
type row struct {
	Name        string            `json:"name"`
	Status      checktypes.Status `json:"status"`
	Message     string            `json:"message"`
	Rule        string            `json:"rule"`
	LatencyMS   float64           `json:"latency_ms"`
	LastCheck   *time.Time        `json:"last_check"`
	LastSuccess *time.Time        `json:"last_success"`
	Failures    int               `json:"consecutive_failures"`
	Metadata    json.RawMessage   `json:"metadata"`
	Since       *time.Time        `json:"since,omitempty"`
	Critical    bool              `json:"critical"`
	BlockedBy   string            `json:"blocked_by,omitempty"`

	// Of check --explain only: what decided, and each rule as it was tried.
	Reason string         `json:"reason,omitempty"`
	Rules  []engine.Trial `json:"rules,omitempty"`
}

// report is what check and status print.
type report struct {
	Status     checktypes.Status `json:"status"`
	Components []row             `json:"components"`
}

// overall is the status of a report's rows together, as /health has it, but that
// nothing known at all is unknown. Rows that the user asked for by name all count.
func overall(rows []row, named bool) checktypes.Status {
	worst, unknown, counted := checktypes.Healthy, 0, 0
	for _, r := range rows {
		if !named && !r.Critical {
			continue
		}
		counted++
		if r.Status == checktypes.Unknown {
			unknown++
		} else {
			worst = max(worst, r.Status)
		}
	}
	switch {
	case worst > checktypes.Healthy || unknown == 0:
		return worst
	case unknown == counted:
		return checktypes.Unknown
	default:
		return checktypes.Degraded
	}
}

// exitOf is the exit code of a status, which is also that of a Nagios plugin.
func exitOf(s checktypes.Status) error {
	switch s {
	case checktypes.Healthy:
		return nil
	case checktypes.Degraded:
		return exit(1)
	case checktypes.Unhealthy:
		return exit(2)
	default:
		return exit(exitUnknown)
	}
}

// print writes the report in the format: table, json or nagios.
func (r report) print(w io.Writer, format string) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	case "nagios":
		return r.nagios(w)
	default:
		return r.table(w, colored(w))
	}
}

// nagios writes one line and performance data, as the Monitoring Plugins
// Development Guidelines want it: "|" divides the two, so no text may hold it.
func (r report) nagios(w io.Writer) error {
	words := map[checktypes.Status]string{
		checktypes.Healthy: "OK", checktypes.Degraded: "WARNING", checktypes.Unhealthy: "CRITICAL", checktypes.Unknown: "UNKNOWN",
	}
	var wrong, perf []string
	for _, c := range r.Components {
		if c.Status != checktypes.Healthy {
			wrong = append(wrong, fmt.Sprintf("%s is %s (%s)", c.Name, c.Status, c.Message))
		}
		label := strings.NewReplacer("'", "''", "=", "-", "|", "/").Replace(c.Name)
		perf = append(perf, fmt.Sprintf("'%s'=%.6gs", label, c.LatencyMS/1000))
	}
	text := strings.Join(wrong, "; ")
	if text == "" {
		text = "all " + count(len(r.Components), "component") + " healthy"
	}
	_, err := fmt.Fprintf(w, "%s: %s | %s\n", words[r.Status],
		strings.ReplaceAll(oneLine(text), "|", "/"), oneLine(strings.Join(perf, " ")))
	return err
}

func (r report) table(w io.Writer, color bool) error {
	t := plainTable()
	t.AppendHeader(table.Row{"NAME", "STATUS", "LATENCY", "MESSAGE"})
	for _, c := range r.Components {
		latency := ""
		if c.LastCheck != nil {
			latency = checktypes.FormatDuration(time.Duration(c.LatencyMS * 1e6))
		}
		message := oneLine(c.Message)
		if c.Rule != "" && c.Status != checktypes.Healthy {
			message += " [" + oneLine(c.Rule) + "]"
		}
		t.AppendRow(table.Row{oneLine(c.Name), paint(c.Status, color), latency, message})
	}
	return printTable(w, t)
}

func plainTable() table.Writer {
	t := table.NewWriter()
	t.SetStyle(plainStyle())
	return t
}

// printTable prints a table, without spaces at the ends of lines.
func printTable(w io.Writer, t table.Writer) error {
	for line := range strings.Lines(t.Render() + "\n") {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func plainStyle() table.Style {
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	return style
}

// symbols tell statuses apart without colour.
var symbols = [...]string{checktypes.Unknown: "? ", checktypes.Healthy: "✓ ", checktypes.Degraded: "! ", checktypes.Unhealthy: "✗ "}

func paint(s checktypes.Status, color bool) string {
	word := symbols[s] + s.String()
	if !color {
		return word
	}
	colors := map[checktypes.Status]string{
		checktypes.Healthy: "32", checktypes.Degraded: "33", checktypes.Unhealthy: "31", checktypes.Unknown: "35",
	}
	return "\x1b[" + colors[s] + "m" + word + "\x1b[0m"
}

// oneLine makes hostile text safe for a terminal: one line, no control characters,
// and none that turn text around.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}
