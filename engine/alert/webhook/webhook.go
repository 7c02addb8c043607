// Package webhook sends alerts to a URL, as JSON or as a text of one's own.
package webhook

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"polyhealth/engine/alert"
	"polyhealth/engine/alert/httppost"
	"polyhealth/schema"
)

// Kind is the webhook notifier.
var Kind = alert.Define(alert.Definition[Config]{
	Name:     "webhook",
	Doc:      "Sends alerts to a URL, as JSON.",
	Short:    "url",
	Defaults: Config{Method: "POST"},
	Check:    check,
	Open: func(c Config, _ alert.Env) (alert.Notifier, error) {
		return &notifier{c, httppost.Client()}, nil
	},
})

// Config is what the webhook key holds.
type Config struct {
	// Where to send to, beginning with http:// or https://.
	URL string `yaml:"url,required" example:"https://example.org/alerts"`
	// The request's method; by default POST.
	Method string `yaml:"method" enum:"POST,PUT,PATCH,GET" example:"PUT"`
	// Headers to send besides Content-Type and Idempotency-Key.
	Headers map[string]string `yaml:"headers" example:"Authorization: Bearer ${TOKEN}"`
	// A body to send as it is, in place of the JSON that describes the alert.
	Body string `yaml:"body" example:"{\"alarm\": true}"`
}

func check(c *Config, n *schema.Node, r *schema.Reader) {
	httppost.CheckURL(c.URL, n.Near("url"), r)
	first := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		at, value, low := n.Near("headers", name), c.Headers[name], strings.ToLower(name)
		if first[low] != "" {
			r.Errorf(at, "", "the header %s is already there as %s", name, first[low])
		}
		first[low] = name
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == ':' || c > '~' }) {
			r.Errorf(at, "", "%q is no header's name", name)
		}
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			r.Errorf(at, "", "the header %s holds a line break or another control character", name)
		}
	}
}

type notifier struct {
	config Config
	client *http.Client
}

// Send sends the message. A receiver that gets it twice, since its answer was
// lost, finds the same Idempotency-Key in both.
func (w *notifier) Send(ctx context.Context, m alert.Message) alert.Outcome {
	body := []byte(w.config.Body)
	headers := map[string]string{"Content-Type": "text/plain; charset=utf-8", "Idempotency-Key": m.ID}
	if len(body) == 0 || json.Valid(body) {
		headers["Content-Type"] = "application/json"
	}
	if len(body) == 0 {
		var err error
		if body, err = json.Marshal(m); err != nil {
			return alert.Permanent(err)
		}
	}
	for name, value := range w.config.Headers {
		headers[http.CanonicalHeaderKey(name)] = value
	}
	return httppost.Send(ctx, w.client, w.config.Method, w.config.URL, headers, body)
}

//go:generate go run polyhealth/schema/fielddocs
