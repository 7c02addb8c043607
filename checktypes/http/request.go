package http

import (
	nethttp "net/http"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/checktypes/web"
)

// newRequest is the request that every probe sends a copy of.
func newRequest(c Config) (*nethttp.Request, error) {
	var body *strings.Reader
	var r *nethttp.Request
	var err error
	if c.Body == "" {
		r, err = nethttp.NewRequest(c.Method, c.URL, nil)
	} else {
		body = strings.NewReader(c.Body)
		r, err = nethttp.NewRequest(c.Method, c.URL, body)
	}
	if err != nil {
		return nil, checktypes.OwnFault(err)
	}
	if host := web.SetHeaders(r.Header, c.Headers); host != "" {
		r.Host = host
	}
	authenticate(r, c)
	if c.KeepAlive && r.Header["Idempotency-Key"] == nil {
		// Lets the transport send a POST again when the server has just closed the
		// kept connection; an empty list sends no header.
		r.Header["Idempotency-Key"] = []string{}
	}
	return r, nil
}

// authenticate adds who asks, and takes it out of the URL.
func authenticate(r *nethttp.Request, c Config) {
	switch user := r.URL.User; {
	case c.Bearer != "":
		r.Header.Set("Authorization", "Bearer "+string(c.Bearer))
	case c.BasicAuth != nil:
		r.SetBasicAuth(c.BasicAuth.Username, string(c.BasicAuth.Password))
	case user != nil:
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	r.URL.User = nil
}

// fresh is a copy of the request for one probe.
func (p *prober) fresh(x *exchange) *nethttp.Request {
	r := p.request.WithContext(x.ctx)
	if r.GetBody != nil {
		r.Body, _ = r.GetBody() // of a string: it cannot fail
	}
	return r
}
