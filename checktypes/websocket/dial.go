package websocket

import (
	"context"
	"errors"
	"fmt"
	"net"
	nethttp "net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	ws "github.com/coder/websocket"

	"polyhealth/checktypes/tlsconf"
	"polyhealth/checktypes/web"
)

// A progress is what a probe is at, in a message's words. It may be set and read
// from several goroutines.
type progress struct{ now atomic.Pointer[string] }

func (p *progress) set(doing string) { p.now.Store(&doing) }

func (p *progress) String() string {
	if doing := p.now.Load(); doing != nil {
		return *doing
	}
	return ""
}

// hooks note the stages of connecting.
func (p *progress) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(i httptrace.DNSStartInfo) { p.set("resolving " + i.Host) },
		ConnectStart:      func(_, address string) { p.set("connecting to " + address) },
		TLSHandshakeStart: func() { p.set("during the TLS handshake") },
		GotConn:           func(httptrace.GotConnInfo) { p.set("waiting for the upgrade to a WebSocket") },
	}
}

// A dialer opens a check's connections, one at a time.
type dialer struct {
	config Config
	url    string // without the user
	header nethttp.Header
	host   string // that overrides the URL's, or empty
	source *tlsconf.Source
}

func newDialer(c Config, dir string) (*dialer, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("cannot read the url: %w", err)
	}
	d := &dialer{config: c, header: nethttp.Header{}, source: tlsconf.NewSource(c.TLS, dir)}
	d.host = web.SetHeaders(d.header, c.Headers)
	if user := u.User; user != nil {
		password, _ := user.Password()
		d.header.Set("Authorization", "Basic "+web.Basic(user.Username(), password))
		u.User = nil
	}
	d.url = u.String()
	return d, nil
}

// A link is an open connection. Beside what its Conn does it can be cut.
type link struct {
	*ws.Conn
	cut func() // closes what is below the WebSocket, at once
}

// hangUp closes the link politely if the server plays along within grace, and rudely
// then. Something must be reading from it, or have read its end. It is for one call.
func (l *link) hangUp(grace time.Duration) {
	late := time.AfterFunc(grace, l.cut)
	defer late.Stop()
	l.Close(ws.StatusNormalClosure, "") // says only what the reader learns too
}

// dial opens a connection. It belongs to the caller, and ctx, which must end, is for
// opening it only.
func (d *dialer) dial(ctx context.Context, p *progress) (*link, error) {
	settings, err := d.source.Settings()
	if err != nil {
		return nil, err
	}
	ctx = httptrace.WithClientTrace(ctx, p.hooks())
	var below net.Conn
	leash := func() bool { return true }
	transport := &nethttp.Transport{
		TLSClientConfig:        settings.TLS.Clone(),
		MaxResponseHeaderBytes: web.MaxHeader,
		DisableKeepAlives:      true,
		// The transport gives a connection a life beyond its request's.
		DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil {
				below, leash = conn, context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		},
	}
	conn, resp, err := ws.Dial(ctx, d.url, &ws.DialOptions{
		HTTPClient: &nethttp.Client{Transport: upgrading{transport}, CheckRedirect: func(*nethttp.Request, []*nethttp.Request) error {
			return nethttp.ErrUseLastResponse
		}},
		HTTPHeader:   d.header,
		Host:         d.host,
		Subprotocols: d.config.Subprotocols,
	})
	if err != nil {
		return nil, refusal(resp, err)
	}
	if !leash() {
		conn.CloseNow()
		return nil, context.Cause(ctx)
	}
	conn.SetReadLimit(int64(d.config.MaxMessage))
	return &link{conn, func() { below.Close() }}, nil
}

// An upgrading transport wants an upgrade, and not the body of any other answer,
// which might never end.
type upgrading struct{ *nethttp.Transport }

func (u upgrading) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	resp, err := u.Transport.RoundTrip(r)
	if err == nil && resp.StatusCode != nethttp.StatusSwitchingProtocols {
		resp.Body.Close()
		resp.Body = nethttp.NoBody
	}
	return resp, err
}

// refusal says why dialing failed; resp is what the server answered, if it did.
func refusal(resp *nethttp.Response, err error) error {
	if resp != nil && resp.StatusCode != nethttp.StatusSwitchingProtocols {
		text := fmt.Sprintf("the server answered %d, not a WebSocket upgrade", resp.StatusCode)
		if to, bad := resp.Location(); bad == nil {
			text += fmt.Sprintf(" (it redirects to %s://%s)", to.Scheme, to.Host)
		}
		return web.Say(text, err)
	}
	if resp != nil {
		text := err.Error()
		if i := strings.LastIndex(text, "violation: "); i >= 0 {
			text = text[i+len("violation: "):]
		} else {
			text = strings.TrimPrefix(text, "failed to WebSocket dial: ")
		}
		return web.Say("the server's upgrade breaks the protocol: "+text, err)
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return web.Unanswered(err)
}
