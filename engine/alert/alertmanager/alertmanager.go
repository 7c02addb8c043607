// Package alertmanager sends alerts to Prometheus' Alertmanager.
package alertmanager

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"
	"polyhealth/engine/alert/httppost"
	"polyhealth/schema"
)

// Kind is the alertmanager notifier.
var Kind = alert.Define(alert.Definition[Config]{
	Name:  "alertmanager",
	Doc:   "Sends alerts to Prometheus' Alertmanager.",
	Short: "url",
	Check: func(c *Config, n *schema.Node, r *schema.Reader) { httppost.CheckURL(c.URL, n.Near("url"), r) },
	Open: func(c Config, _ alert.Env) (alert.Notifier, error) {
		return &notifier{strings.TrimSuffix(c.URL, "/") + "/api/v2/alerts", httppost.Client()}, nil
	},
})

// Config is what the alertmanager key holds.
type Config struct {
	// Where Alertmanager answers, without /api/v2/alerts.
	URL string `yaml:"url,required" example:"http://localhost:9093"`
}

type notifier struct {
	url    string
	client *http.Client
}

// forgotten is when an alert ends that nobody ended: Alertmanager would do so
// after five minutes, since it expects to be told again and again.
const forgotten = 7 * 24 * time.Hour

// An entry is an alert as Alertmanager's API has it.
type entry struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// Send posts the alert. Its labels are its identity, and they hold the status:
// that of each other status is ended by the same request.
func (a *notifier) Send(ctx context.Context, m alert.Message) alert.Outcome {
	var entries []entry
	for _, s := range []engine.Status{engine.Unhealthy, engine.Degraded, engine.Unknown} {
		entries = append(entries, newEntry(m, s))
	}
	body, err := json.Marshal(entries)
	if err != nil {
		return alert.Permanent(err)
	}
	return httppost.Send(ctx, a.client, http.MethodPost, a.url, map[string]string{"Content-Type": "application/json"}, body)
}

func newEntry(m alert.Message, s engine.Status) entry {
	e := entry{
		Labels: map[string]string{
			"alertname": "polyhealth", "check": m.Check, "status": s.String(), "severity": severity(s),
		},
		Annotations: map[string]string{"summary": m.Title(), "description": m.Body()},
		StartsAt:    m.Time.UTC(), EndsAt: m.Time.UTC(),
	}
	if m.Event != alert.Resolved && m.Status == s {
		e.EndsAt = m.Time.Add(forgotten).UTC()
		if !m.Since.IsZero() {
			e.StartsAt = m.Since.UTC()
		}
	}
	return e
}

func severity(s engine.Status) string {
	if s == engine.Unhealthy {
		return "critical"
	}
	return "warning"
}

//go:generate go run polyhealth/schema/fielddocs
