package http

import (
	"context"
	"crypto/tls"
	"errors"
	nethttp "net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"polyhealth/checktypes"
)

// The pause before the first retry, which doubles up to the longest.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

// send sends one hop's request, again and again where the check has retries.
func (p *prober) send(x *exchange, r *nethttp.Request) (*nethttp.Response, error) {
	if p.retries == nil {
		return p.lease.Value.RoundTrip(r)
	}
	again, err := retryablehttp.FromRequest(r)
	if err != nil {
		return nil, err
	}
	return p.retries.Do(again)
}

// counting is the transport of a prober with retries. It shows only RoundTrip: the
// retrying client would otherwise close the idle connections of all checks each
// time it gives up.
type counting struct{ prober *prober }

func (c counting) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	r.Context().Value(exchangeKey{}).(*exchange).sending()
	return c.prober.lease.Value.RoundTrip(r)
}

func newRetries(c Config, p *prober) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &nethttp.Client{
			Transport:     counting{p},
			CheckRedirect: func(*nethttp.Request, []*nethttp.Request) error { return nethttp.ErrUseLastResponse },
		},
		RetryWaitMin: firstPause,
		RetryWaitMax: longestPause,
		RetryMax:     c.Retries,
		CheckRetry:   worthRetry,
		Backoff:      retryablehttp.DefaultBackoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// worthRetry reports whether a hop's request should be sent again: where that could
// help, and its pause ends before the probe does. Else the answer at hand counts.
func worthRetry(ctx context.Context, resp *nethttp.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil
	}
	if err == nil && resp.StatusCode != 429 && (resp.StatusCode < 500 || resp.StatusCode == 501) {
		return false, nil
	}
	var certificate *tls.CertificateVerificationError
	if err != nil && (checktypes.IsOwnFault(err) || errors.As(err, &certificate)) {
		return false, nil
	}
	x := ctx.Value(exchangeKey{}).(*exchange)
	x.mu.Lock()
	sent := x.sent
	x.mu.Unlock()
	pause := retryablehttp.DefaultBackoff(firstPause, longestPause, sent-1, resp)
	deadline, has := ctx.Deadline()
	return !has || time.Until(deadline) > pause, nil
}
