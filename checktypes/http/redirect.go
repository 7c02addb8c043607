package http

import (
	"fmt"
	nethttp "net/http"
	"net/url"
	"strings"
)

// maxRedirects is how many redirects a probe follows.
const maxRedirects = 10

// follow sends the request and, where the check wants it, what the answers redirect
// to. The caller closes the response's body.
func (p *prober) follow(x *exchange, v *Vars) (*nethttp.Response, error) {
	r := p.fresh(x)
	for {
		resp, err := p.send(x, r)
		if err != nil {
			return nil, err
		}
		v.Status = resp.StatusCode
		if !p.config.FollowRedirects {
			return resp, nil
		}
		next, err := redirected(r, resp)
		if err == nil && next == nil {
			return resp, nil
		}
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if v.Redirects == maxRedirects {
			return nil, &answerError{fmt.Sprintf("stopped after %d redirects", maxRedirects)}
		}
		v.Redirects++
		x.nextHop()
		r = next
	}
}

// redirected is the request that resp redirects r to, nil where it is an answer.
func redirected(r *nethttp.Request, resp *nethttp.Response) (*nethttp.Request, error) {
	location := resp.Header.Get("Location")
	keepBody := false
	switch resp.StatusCode {
	case 301, 302, 303:
	case 307, 308:
		keepBody = true
	default:
		return nil, nil
	}
	if location == "" {
		return nil, nil
	}
	to, err := r.URL.Parse(location)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" {
		return nil, &answerError{fmt.Sprintf("cannot follow the redirect to %.200q", location)}
	}
	to.User, to.Fragment, to.RawFragment = nil, "", "" // a server does not choose who asks
	same := origin(to) == origin(r.URL)
	if keepBody && r.GetBody != nil && !same {
		return nil, &answerError{"redirected to " + origin(to) + ", where the body is not sent; ask there in the first place"}
	}
	return hopTo(r, to, same, keepBody), nil
}

// hopTo is r, sent to another place. Only what says nothing about who asks goes
// along to another origin, and what was once left behind does not come back.
func hopTo(r *nethttp.Request, to *url.URL, same, keepBody bool) *nethttp.Request {
	next := r.WithContext(r.Context())
	next.URL = to
	if !same || r.Host == r.URL.Host {
		next.Host = ""
	}
	if !same {
		next.Header = harmless(r.Header)
	}
	switch {
	case keepBody && r.GetBody != nil:
		next.Body, _ = r.GetBody()
	case !keepBody:
		if r.Method != "HEAD" {
			next.Method = "GET"
		}
		next.Body, next.GetBody, next.ContentLength = nil, nil, 0
		next.Header = next.Header.Clone()
		next.Header.Del("Content-Type")
	}
	return next
}

// origin is what credentials are for: scheme, host and port.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

func harmless(h nethttp.Header) nethttp.Header {
	kept := nethttp.Header{}
	for _, name := range []string{"User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Idempotency-Key"} {
		if values, ok := h[name]; ok && (name != "Idempotency-Key" || len(values) == 0) {
			kept[name] = values
		}
	}
	return kept
}
