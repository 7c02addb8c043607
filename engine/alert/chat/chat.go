// Package chat sends alerts to some thirty services, each by one URL.
package chat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"polyhealth/engine/alert"
	"polyhealth/engine/alert/httppost"
	"polyhealth/schema"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Kind is the chat notifier.
var Kind = alert.Define(alert.Definition[Config]{
	Name:  "chat",
	Doc:   "Sends alerts to Slack, Discord, Teams, ntfy, PagerDuty, Matrix and others, by one URL.",
	Short: "url",
	Check: check,
	Open:  func(c Config, _ alert.Env) (alert.Notifier, error) { return newNotifier(string(c.URL)), nil },
})

// Config is what the chat key holds.
type Config struct {
	// The service and what it needs to know, as a shoutrrr URL, such as
	// discord://TOKEN@ID, slack://hook:TOKEN@webhook, ntfy://ntfy.sh/TOPIC or
	// pushover://shoutrrr:TOKEN@USER. It is a secret as a whole.
	URL schema.Secret `yaml:"url,required" example:"ntfy://ntfy.sh/my-alerts"`
}

// check notes a URL that no service understands. What the library says of one
// holds the URL, so it is not repeated.
func check(c *Config, n *schema.Node, r *schema.Reader) {
	at := n.Near("url")
	scheme := schemeOf(string(c.URL))
	if scheme == "" {
		r.Errorf(at, "write SERVICE://…", "the chat url cannot be read")
		return
	}
	known := services()
	if !slices.Contains(known, scheme) {
		hint := schema.DidYouMean(scheme, known)
		if hint == "" {
			hint = "the services are: " + strings.Join(known, ", ")
		}
		r.Errorf(at, hint, "there is no chat service %q", scheme)
		return
	}
	for _, part := range parts(string(c.URL)) {
		r.Hide(part)
	}
	if scheme == "matrix" {
		return // it logs in when it is opened, and a check of the file asks nobody
	}
	if _, err := router.NewWithOptions(nil, types.SenderOptions{}, string(c.URL)); err != nil {
		r.Errorf(at, "see https://shoutrrr.nickfedor.com/services", "the %s url lacks what the service needs, or holds what it does not know", scheme)
	}
}

// schemeOf is the service that a URL names, or empty.
func schemeOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	scheme, _, _ := strings.Cut(strings.ToLower(u.Scheme), "+")
	return scheme
}

// services are those that send to somebody: the library's own log does not.
func services() []string {
	return slices.DeleteFunc(slices.Clone(router.SupportedSchemas()), func(s string) bool { return s == "logger" })
}

// parts are the pieces of a URL that may be secrets by themselves: the services
// put them together anew.
func parts(text string) []string {
	u, err := url.Parse(text)
	if err != nil {
		return nil
	}
	pieces := strings.Split(strings.Trim(u.Path, "/"), "/")
	if !strings.Contains(u.Hostname(), ".") {
		pieces = append(pieces, u.Hostname())
	}
	if u.User != nil {
		password, _ := u.User.Password()
		pieces = append(pieces, u.User.Username(), password)
	}
	for _, values := range u.Query() {
		pieces = append(pieces, values...)
	}
	const telling = 8 // what is shorter is a word
	return slices.DeleteFunc(pieces, func(s string) bool { return len(s) < telling })
}

// titled are the services that show a title apart from the text.
var titled = []string{"bark", "gotify", "join", "ntfy", "opsgenie", "pushbullet", "pushover", "smtp", "teams"}

type notifier struct {
	url    string
	scheme string
	hidden *strings.Replacer
	router *router.ServiceRouter // of a service that stays open; nil before it is
	client *client
}

func newNotifier(text string) *notifier {
	hide := []string{text, "***"}
	for _, part := range parts(text) {
		hide = append(hide, part, "***", url.PathEscape(part), "***", url.QueryEscape(part), "***")
	}
	return &notifier{
		url: text, scheme: schemeOf(text), hidden: strings.NewReplacer(hide...),
		client: &client{http: httppost.Client()},
	}
}

// sendTimeout is less than the dispatcher's, so that the service's own words are
// heard.
const sendTimeout = 25 * time.Second

// loggingIn are the services that log in when they are opened, and so stay open. Each
// other is opened for each message: some keep what one message had for the next.
var loggingIn = []string{"matrix"}

// Send opens the service, and sends a message.
func (c *notifier) Send(ctx context.Context, m alert.Message) alert.Outcome {
	c.client.begin(ctx)
	service := c.router
	if service == nil {
		var err error
		service, err = router.NewWithOptions(nil, types.SenderOptions{HTTPClient: c.client, Timeout: sendTimeout}, c.url)
		if err != nil {
			return alert.Retry(c.plain(err), 0)
		}
		if slices.Contains(loggingIn, c.scheme) {
			c.router = service
		}
	}
	text, params := m.Text(), types.Params{}
	if slices.Contains(titled, c.scheme) && m.Body() != "" {
		text, params = m.Body(), types.Params{types.TitleKey: m.Title()}
	}
	err := errors.Join(service.Send(text, &params)...)
	if err == nil {
		return alert.Sent()
	}
	status, after := c.client.answer()
	if status >= 400 && !httppost.Passing(status) {
		return alert.Permanent(c.plain(err))
	}
	return alert.Retry(c.plain(err), after)
}

// plain is an error without the secrets that the library writes into it.
func (c *notifier) plain(err error) error {
	return fmt.Errorf("%s: %s", c.scheme, httppost.Brief(c.hidden.Replace(err.Error())))
}

//go:generate go run polyhealth/schema/fielddocs
