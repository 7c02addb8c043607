package alert

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/engine"
)

// A Message is one thing to say about a component. Its texts hold no secrets.
type Message struct {
	// ID is the same for each attempt to say the same thing, over restarts too.
	ID    string
	Event Event
	Route string
	Check string

	Status   engine.Status
	Previous engine.Status // before the last transition
	Message  string        // the component's own
	Failures int           // consecutive_failures
	Since    time.Time     // of the status; zero where it is not known
	Time     time.Time     // of the message
	Tags     []string
	Metadata []byte // a JSON object, or nil
	// All are the messages of several components that this one stands for, the one that
	// matters most first, which the fields above are of; nil where it is of one.
	All      []Message
	Recovery string // what was done lately to repair it, or empty
	// Gone says why nothing more will be told of the component, or is empty. The
	// event is Resolved then, whatever the status.
	Gone string
}

// Title is the message in a line: `🚨 NAME is UNHEALTHY`.
func (m Message) Title() string {
	if len(m.All) > 0 {
		return m.titleOfAll()
	}
	if m.Gone != "" {
		return "✅ " + m.Check + " " + m.Gone
	}
	status := strings.ToUpper(m.Status.String())
	switch m.Event {
	case Flapping:
		return "🌀 " + m.Check + " is FLAPPING"
	case Test:
		return "🔔 Test of the route " + m.Route
	case Stable:
		return symbol(m.Status) + " " + m.Check + " is stable: " + status
	}
	return symbol(m.Status) + " " + m.Check + " is " + status
}

func symbol(s engine.Status) string {
	switch s {
	case engine.Healthy:
		return "✅"
	case engine.Unhealthy:
		return "🚨"
	}
	return "⚠️"
}

// A Line is one named value of a message's text.
type Line struct{ Name, Value string }

// Lines are what follows the title.
func (m Message) Lines() []Line {
	if len(m.All) > 0 {
		return m.linesOfAll()
	}
	if m.Gone != "" {
		return nil
	}
	lines := []Line{{"Status", m.Status.String()}}
	if m.Event == Test {
		lines = nil
	}
	if m.Message != "" {
		lines = append(lines, Line{"Message", m.Message})
	}
	if m.Failures > 0 {
		lines = append(lines, Line{"Failures", strconv.Itoa(m.Failures)})
	}
	if m.Recovery != "" {
		lines = append(lines, Line{"Recovery", m.Recovery})
	}
	if m.Event == Reminder && !m.Since.IsZero() {
		lines = append(lines, Line{"Since", fmt.Sprintf("%s (%s)",
			m.Since.UTC().Format("2006-01-02 15:04:05 UTC"), checktypes.FormatDuration(m.Time.Sub(m.Since)))})
	}
	return lines
}

// Body is the text below the title: a line each.
func (m Message) Body() string {
	var b strings.Builder
	for i, l := range m.Lines() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.Name + ": " + l.Value)
	}
	return b.String()
}

// Text is the title and the body.
func (m Message) Text() string {
	return strings.TrimSuffix(m.Title()+"\n"+m.Body(), "\n")
}

// mostListed is how many messages the JSON of one that stands for many has.
const mostListed = 1000

// MarshalJSON is the message as a webhook gets it. One that stands for many has those
// besides: count says of how many it is, alerts are the first thousand of them.
func (m Message) MarshalJSON() ([]byte, error) {
	j := m.json()
	if j.Count = len(m.All); j.Count > 0 {
		for _, one := range m.All[:min(len(m.All), mostListed)] {
			j.Alerts = append(j.Alerts, one.json())
		}
	}
	return json.Marshal(j)
}

type messageJSON struct {
	Event    Event           `json:"event"`
	ID       string          `json:"id"`
	Check    string          `json:"check"`
	Status   string          `json:"status"`
	Previous string          `json:"previous_status"`
	Message  string          `json:"message"`
	Failures int             `json:"consecutive_failures"`
	Since    *time.Time      `json:"since"`
	Time     time.Time       `json:"time"`
	Tags     []string        `json:"tags"`
	Metadata json.RawMessage `json:"metadata"`
	Recovery string          `json:"recovery,omitempty"`
	Count    int             `json:"count,omitempty"`
	Alerts   []messageJSON   `json:"alerts,omitempty"`
}

func (m Message) json() messageJSON {
	j := messageJSON{
		Event: m.Event, ID: m.ID, Check: m.Check, Status: m.Status.String(), Previous: m.Previous.String(),
		Message: m.Message, Failures: m.Failures, Since: stamp(m.Since), Time: m.Time.UTC().Truncate(time.Millisecond),
		Tags: m.Tags, Metadata: m.Metadata, Recovery: m.Recovery,
	}
	if j.Tags == nil {
		j.Tags = []string{}
	}
	if j.Metadata == nil {
		j.Metadata = json.RawMessage("{}")
	}
	if m.Gone != "" {
		j.Message = m.Check + " " + m.Gone
	}
	return j
}

// stamp is t in UTC, or nil for no time.
func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// identity names what there is to say, so that whoever gets it twice can tell.
// About is the time that tells one such message from the next.
func identity(ev Event, told engine.Notified, s engine.Status, about time.Time) string {
	text := fmt.Sprintf("%q %q %s %s %d", told.Route, told.Component, ev, s, about.UnixMilli())
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
