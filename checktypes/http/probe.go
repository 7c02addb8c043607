package http

import (
	"context"
	"fmt"
	nethttp "net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"polyhealth/checktypes"
	"polyhealth/checktypes/jsonvalue"
	"polyhealth/checktypes/tlsconf"
)

// A prober asks one server. Its request is made once; a probe sends shallow copies.
type prober struct {
	config  Config
	env     checktypes.Env
	request *nethttp.Request
	source  *tlsconf.Source
	retries *retryablehttp.Client // nil without retries

	// What acquire found at the last probe.
	settings *tlsconf.Settings
	lease    *checktypes.Lease[pool]

	// What somebody reads, and without which somebody's rule could not be true.
	readsBody, readsJSON, readsHeaders, needsJSON, needsCert bool
}

func open(c Config, env checktypes.Env) (checktypes.Prober[Vars], error) {
	request, err := newRequest(c)
	if err != nil {
		return nil, err
	}
	p := &prober{
		config: c, env: env, request: request,
		source:       tlsconf.NewSource(c.TLS, env.Dir),
		readsBody:    env.Reads("body"),
		readsJSON:    env.Reads("json"),
		readsHeaders: env.Reads("headers"),
		needsJSON:    env.Uses != nil && env.Uses("json"),
		needsCert:    env.Uses != nil && env.Uses("cert_expires_in"),
	}
	if c.Retries > 0 {
		p.retries = newRetries(c, p)
	}
	return p, p.acquire()
}

func (p *prober) Close() error {
	if p.lease == nil {
		return nil
	}
	return p.lease.Release()
}

// Probe asks, and fills v as far as the answer went.
func (p *prober) Probe(ctx context.Context, v *Vars) error {
	if err := p.acquire(); err != nil {
		return err
	}
	x := newExchange(ctx)
	resp, err := p.follow(x, v)
	if err == nil {
		x.reading()
		err = p.read(resp, v)
		resp.Body.Close()
	}
	if err != nil {
		err = p.explain(x, err)
	}
	v.Timing = x.finish()
	v.Attempts = 1 + x.again
	if expires := x.expiry(resp); !expires.IsZero() {
		v.CertExpiresIn = time.Until(expires)
	} else if err == nil && p.needsCert {
		return fmt.Errorf("there is no certificate for cert_expires_in: %s answered without TLS", resp.Request.URL.Host)
	}
	return err
}

// read fills v from the response.
func (p *prober) read(resp *nethttp.Response, v *Vars) error {
	if p.readsHeaders {
		v.Headers = flatten(resp.Header)
	}
	keep := p.readsBody || p.readsJSON
	body, err := readBody(resp, int64(p.config.MaxBody), keep)
	defer body.release()
	v.Size = body.size
	if p.readsBody {
		v.Body = string(body.bytes)
	}
	if err != nil || !p.readsJSON {
		return err
	}
	v.JSON, err = jsonvalue.Parse(body.bytes)
	if err != nil && p.needsJSON {
		return &answerError{fmt.Sprintf("the answer is %d and its body is not JSON: %v", v.Status, err)}
	}
	return nil
}

// flatten is a response's headers as rules read them.
func flatten(h nethttp.Header) map[string]string {
	flat := make(map[string]string, len(h))
	for name, values := range h {
		flat[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return flat
}

// expiry is when the certificate of the connection that answered expires, or that
// of the last one tried; the zero time where there is none.
func (x *exchange) expiry(resp *nethttp.Response) time.Time {
	if resp != nil {
		at, _ := tlsconf.Expiry(resp.TLS)
		return at
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.expires
}
