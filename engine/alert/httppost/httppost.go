// Package httppost is what the notifiers that speak HTTP have in common: a client
// that keeps nothing open between alerts, and what an answer means for another
// attempt.
package httppost

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"polyhealth/engine/alert"
	"polyhealth/schema"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

// Client returns a client for one notifier. It goes through the proxy that the
// environment names, follows no redirect, and leaves deadlines to contexts.
func Client() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true // alerts are rare, and connections grow stale
	return &http.Client{
		Transport:     limited{t},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// limited cuts answers, whoever reads them.
type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = &cut{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

type cut struct {
	io.Reader
	io.Closer
}

// Send makes one request and says what became of it. The error never holds the
// URL, which may be a secret.
func Send(ctx context.Context, client *http.Client, method, to string, headers map[string]string, body []byte) alert.Outcome {
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return alert.Permanent(Plain(err))
	}
	req.Header.Set("User-Agent", "polyhealth/1")
	for name, value := range headers {
		if strings.EqualFold(name, "Host") {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		out := alert.Retry(Plain(err), 0)
		if sent(err) {
			out = out.Maybe()
		}
		return out
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return Judge(resp.StatusCode, resp.Header, Answered(resp.StatusCode, string(answer)))
}

// sent reports whether a request that failed may have arrived: it did more than to look
// for the server, connect to it, and see its certificate.
func sent(err error) bool {
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	return !(errors.As(err, &op) && op.Op == "dial" || errors.As(err, &certificate) || errors.As(err, &name))
}

// Judge is the outcome of an answer: 2xx is success, 408, 425, 429 and 5xx may
// pass, everything else will not. err says what the answer was.
func Judge(status int, h http.Header, err error) alert.Outcome {
	switch {
	case status >= 200 && status < 300:
		return alert.Sent()
	case Passing(status):
		return alert.Retry(err, RetryAfter(h, time.Now()))
	}
	return alert.Permanent(err)
}

// Passing reports whether a status of failure may be another one later.
func Passing(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooEarly ||
		status == http.StatusTooManyRequests
}

// Answered is the error of an answer: its status and the beginning of its text.
func Answered(status int, text string) error {
	err := fmt.Errorf("it answered %d %s", status, http.StatusText(status))
	if text = Brief(text); text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return err
}

// Brief is the beginning of a text, in one line.
func Brief(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return text
}

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// RetryAfter is how long the header of that name asks to wait, at most an hour.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	var d time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(seconds, 1<<20)) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

// Plain takes the method and the URL out of an error of net/http.
func Plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n >= 1 && n <= 65535
}

// CheckURL notes what is wrong with a URL to send to, and hides its password.
func CheckURL(text string, at *schema.Node, r *schema.Reader) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		r.Errorf(at, "", "the url cannot be read: %s", Plain(err))
	case u.Scheme != "http" && u.Scheme != "https":
		r.Errorf(at, "", "the url does not begin with http:// or https://")
	case u.Hostname() == "":
		r.Errorf(at, "", "the url names no host")
	case !isPort(u.Port()):
		r.Errorf(at, "", "the port %s of the url is not within 1 to 65535", u.Port())
	}
	if u != nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			r.Hide(password)
		}
	}
}
