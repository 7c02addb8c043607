package engine

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/schema"
)

// A Recovery says how a component is repaired.
type Recovery struct {
	On          []Status
	Steps       []RecoveryStep
	MaxAttempts int
	DryRun      bool

	Settle, Window, Backoff, ResetAfter time.Duration
}

// A RecoveryStep is one action. Exactly one of Unit, Argv and URL is set.
type RecoveryStep struct {
	Unit, Scope string
	Argv        []string
	URL         string
	Headers     map[string]string
	Timeout     time.Duration
	Dir         string // what relative paths are relative to
	text        string // redacted
}

// String is the action for people: "restart trader.service". It holds no secret.
func (s RecoveryStep) String() string { return s.text }

// Kind is the key that declares the action.
func (s RecoveryStep) Kind() string {
	switch {
	case s.Unit != "":
		return "restart_unit"
	case s.URL != "":
		return "webhook"
	}
	return "command"
}

// Tries reports whether a repair is tried in a status.
func (r *Recovery) Tries(s Status) bool {
	for _, on := range r.On {
		if on == s {
			return true
		}
	}
	return false
}

// What holds where the file is silent.
const (
	usualSettle, usualBackoff = 30 * time.Second, 30 * time.Second
	usualWindow, usualReset   = time.Hour, 10 * time.Minute
	usualAttempts             = 3
	usualAction, usualWebhook = 2 * time.Minute, 30 * time.Second
)

// mostRemembered is how far back recovery remembers what it did.
const mostRemembered = 31 * 24 * time.Hour

// recovery compiles a check's recovery, whose keys were decoded from n.
func (c *compiler) recovery(ch *Check, n *schema.Node) {
	keys := ch.Keys.Recovery
	if keys == nil || n == nil {
		return
	}
	steps := n.Get("steps")
	if n.Kind != schema.Map || steps == nil || steps.Kind != schema.List {
		return // which is a mistake already
	}
	r := &Recovery{
		MaxAttempts: cmp.Or(keys.MaxAttempts, max(usualAttempts, len(keys.Steps))), DryRun: keys.Mode == "dry_run",
		Settle:     cmp.Or(time.Duration(keys.Settle), usualSettle),
		Window:     cmp.Or(time.Duration(keys.Window), usualWindow),
		Backoff:    cmp.Or(time.Duration(keys.Backoff), usualBackoff),
		ResetAfter: cmp.Or(time.Duration(keys.ResetAfter), usualReset),
	}
	if r.Window > mostRemembered {
		c.Errorf(n.Get("window"), "", "window is at most %s", schema.Duration(mostRemembered))
	}
	for _, on := range keys.On {
		if s, ok := checktypes.ParseStatus(on); ok {
			r.On = append(r.On, s)
		}
	}
	if keys.On == nil {
		r.On = []Status{Unhealthy}
	} else if at := n.Get("on"); len(keys.On) == 0 && at != nil && at.Kind == schema.List && len(at.Items) == 0 {
		c.Errorf(at, "write on: [unhealthy], or leave it out", "on is empty: nothing would ever be tried")
	}
	for i, item := range steps.Items {
		if i < len(keys.Steps) && item.Kind == schema.Map {
			r.Steps = append(r.Steps, c.recoveryStep(ch, item, keys.Steps[i]))
		}
	}
	if len(r.Steps) > r.MaxAttempts {
		c.Warnf(steps.Items[r.MaxAttempts], "let max_attempts be at least the number of steps",
			"this step is seldom reached: max_attempts is %d", r.MaxAttempts)
	}
	ch.Recovery = r
}

// recoveryStep compiles one step, and notes what is wrong with it beyond its form.
func (c *compiler) recoveryStep(ch *Check, n *schema.Node, k StepKeys) RecoveryStep {
	s := RecoveryStep{Timeout: cmp.Or(time.Duration(k.Timeout), usualAction), Dir: ch.Dir}
	if at := n.KeyOf("scope"); at != nil && k.RestartUnit == "" {
		c.Errorf(at, "leave it out", "scope has no meaning without restart_unit")
	}
	switch {
	case k.RestartUnit != "":
		s.Unit, s.Scope = k.RestartUnit, cmp.Or(k.Scope, "system")
		s.text = "restart " + k.RestartUnit
		c.Beyond(n, func() { s.Unit = c.unit(n.Get("restart_unit"), k.RestartUnit) })
	case k.Webhook != nil:
		s.URL, s.Headers = k.Webhook.URL, k.Webhook.Headers
		s.Timeout = cmp.Or(time.Duration(k.Timeout), usualWebhook)
		c.Beyond(n, func() { s.text = "call " + c.webhook(n.Get("webhook"), *k.Webhook) })
	case len(k.Command) > 0:
		s.Argv = k.Command
		s.text = "run " + k.Command[0]
		if k.Command[0] == "" || strings.ContainsRune(strings.Join(k.Command, ""), 0) {
			c.Errorf(n.Get("command"), "write command: [program, argument, …]", "command names no program that can be run")
		}
	default:
		if at := n.Get("command"); at != nil && at.Kind == schema.List && len(at.Items) == 0 {
			c.Errorf(at, "write command: [program, argument, …]", "command is an empty list")
		}
	}
	s.text = c.Secrets.Redact(s.text)
	return s
}

// unit notes what is wrong with the name of a unit, and returns it with its suffix.
func (c *compiler) unit(at *schema.Node, name string) string {
	if c.reg.UnitName == nil || at == nil {
		return name
	}
	full, message, hint := c.reg.UnitName(name)
	if message != "" {
		c.Errorf(at, hint, "%s", message)
	}
	return full
}

// webhook notes what is wrong with a step's webhook, and returns its host.
func (c *compiler) webhook(n *schema.Node, k WebhookKeys) (host string) {
	u, err := url.Parse(k.URL)
	switch at := n.Near("url"); {
	case k.URL == "":
	case err != nil:
		c.Errorf(at, "", "the url cannot be read")
	case u.Scheme != "http" && u.Scheme != "https":
		c.Errorf(at, "", "the url does not begin with http:// or https://")
	case u.Hostname() == "":
		c.Errorf(at, "", "the url names no host")
	default:
		host = u.Host
	}
	if u != nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			c.Hide(password)
		}
	}
	for name, value := range k.Headers {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == ':' || r > '~' }) ||
			strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			c.Errorf(n.Near("headers", name), "", "%s is no header", fmt.Sprintf("%q", name))
		}
	}
	return host
}
