// Package email sends alerts by SMTP.
package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"

	"polyhealth/engine/alert"
	"polyhealth/engine/alert/httppost"
	"polyhealth/schema"

	gomail "github.com/wneessen/go-mail"
)

// Kind is the email notifier.
var Kind = alert.Define(alert.Definition[Config]{
	Name:     "email",
	Doc:      "Sends alerts by e-mail.",
	Defaults: Config{TLS: "starttls"},
	Check:    check,
	Open:     func(c Config, _ alert.Env) (alert.Notifier, error) { return &notifier{c}, nil },
})

// Config is what the email key holds.
type Config struct {
	// The mail server's name or address.
	Host string `yaml:"host,required" example:"smtp.example.org"`
	// The mail server's port; by default 587, or 465 with tls, or 25 with none.
	Port int `yaml:"port" min:"1" max:"65535" example:"587"`
	// How the connection is made private: starttls, the default, which refuses a
	// server that does not offer it; tls from the first byte; or none, which is for
	// this machine only.
	TLS string `yaml:"tls" enum:"starttls,tls,none"`
	// Who to log in as; by default nobody.
	Username string `yaml:"username" example:"alerts@example.org"`
	// The user's password.
	Password schema.Secret `yaml:"password" example:"${SMTP_PASSWORD}"`
	// The address that alerts come from.
	From string `yaml:"from,required" example:"polyhealth <alerts@example.org>"`
	// The addresses that alerts go to.
	To []string `yaml:"to,required" example:"[ops@example.org]"`
}

func check(c *Config, n *schema.Node, r *schema.Reader) {
	if c.Host == "" || strings.ContainsAny(c.Host, " \t\r\n/@") || strings.Contains(c.Host, ":") && net.ParseIP(c.Host) == nil {
		r.Errorf(n.Near("host"), "write the name alone: the port has a key of its own", "%q is not the name of a mail server", c.Host)
	}
	if c.Port == 0 {
		c.Port = map[string]int{"starttls": 587, "tls": 465, "none": 25}[c.TLS]
	}
	checkAddress(c.From, n.Near("from"), r)
	to := n.Near("to")
	for i, address := range c.To {
		at := to
		if to != nil && i < len(to.Items) {
			at = to.Items[i]
		}
		checkAddress(address, at, r)
	}
	switch {
	case c.Username == "" && c.Password != "":
		r.Errorf(n.Near("password"), "add a username", "there is a password and nobody it belongs to")
	case c.Username != "" && c.TLS == "none" && !loopback(c.Host):
		r.Errorf(n.Near("tls"), "use starttls or tls", "a password is not sent to another machine without tls")
	}
}

func checkAddress(text string, at *schema.Node, r *schema.Reader) {
	if a, err := mail.ParseAddress(text); err != nil || strings.ContainsAny(a.Name+a.Address, "\r\n") {
		r.Errorf(at, "", "%q is not an e-mail address", text)
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

type notifier struct{ config Config }

// Send delivers one mail to all addresses. One that some of them were refused
// counts as failed.
func (e *notifier) Send(ctx context.Context, m alert.Message) alert.Outcome {
	msg, err := e.compose(m)
	if err != nil {
		return alert.Permanent(err)
	}
	client, err := e.client(ctx)
	if err != nil {
		return alert.Permanent(err)
	}
	smtp, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return outcome(fmt.Errorf("cannot connect to %s: %w", client.ServerAddr(), err))
	}
	defer client.CloseWithSMTPClient(smtp) // delivered or not by now
	err = client.SendWithSMTPClient(smtp, msg)
	var failure *gomail.SendError
	if err == nil || errors.As(err, &failure) && failure.Reason == gomail.ErrSMTPReset {
		return alert.Sent() // what failed came after the server had taken the mail
	}
	return outcome(err)
}

// outcome: what the server refuses for good is permanent, all else may pass.
func outcome(err error) alert.Outcome {
	text := errors.New(httppost.Brief(err.Error()))
	var failure *gomail.SendError
	var reply *textproto.Error
	switch {
	case errors.As(err, &failure) && failure.ErrorCode() >= 500,
		errors.As(err, &reply) && reply.Code >= 500:
		return alert.Permanent(text)
	}
	return alert.Retry(text, 0)
}

// compose writes the mail. Its ID is the message's, so that a second copy is
// known as one.
func (e *notifier) compose(m alert.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	if err := msg.From(e.config.From); err != nil {
		return nil, err
	}
	if err := msg.To(e.config.To...); err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(e.config.From)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	msg.SetMessageIDWithValue(m.ID + "@" + domain)
	msg.SetDateWithValue(m.Time)
	msg.Subject(strings.Map(printable, m.Title()))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office replies
	msg.SetBodyString(gomail.TypeTextPlain, m.Text()+"\n")
	return msg, nil
}

// printable keeps what may stand in a header.
func printable(c rune) rune {
	if c < ' ' || c == 0x7f {
		return ' '
	}
	return c
}

// client is a client for one mail. The connection ends with ctx, whatever the
// server does meanwhile.
func (e *notifier) client(ctx context.Context) (*gomail.Client, error) {
	c := e.config
	private := &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTLSConfig(private),
		gomail.WithDialContextFunc(func(dialing context.Context, network, _ string) (net.Conn, error) {
			return dial(ctx, dialing, network, net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), c.TLS == "tls", private)
		}),
	}
	switch c.TLS {
	case "tls":
		options = append(options, gomail.WithSSL())
	case "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.Username != "" {
		options = append(options, gomail.WithUsername(c.Username), gomail.WithPassword(string(c.Password)),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return gomail.NewClient(c.Host, options...)
}

func dial(ctx, dialing context.Context, network, address string, private bool, config *tls.Config) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(dialing, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	if !private {
		return conn, nil
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(dialing); err != nil {
		conn.Close()
		return nil, err
	}
	return secured, nil
}

//go:generate go run polyhealth/schema/fielddocs
