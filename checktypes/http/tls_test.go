package http

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"polyhealth/checktypes"
)

const day = 24 * time.Hour

func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.DateOnly) }

// TestCertificates is what a probe says of a certificate, and when it expires, also
// where it is refused.
func TestCertificates(t *testing.T) {
	a, nobody := newAuthority(t), &authority{}
	trusting := func(c *Config) { c.TLS.CA = a.file }
	careless := func(c *Config) { c.TLS.InsecureSkipVerify = true }
	cases := []struct {
		name    string
		cert    tls.Certificate
		change  func(*Config)
		expires time.Duration
		want    string
	}{
		{"good", a.leaf(t, -day, 30*day), trusting, 30 * day, ""},
		{"expired", a.leaf(t, -30*day, -3*day-time.Hour), trusting, -3*day - time.Hour,
			"certificate expired 3 days ago (" + ago(3*day+time.Hour) + ")"},
		{"expired a day ago", a.leaf(t, -30*day, -day-time.Hour), trusting, -day - time.Hour, "certificate expired 1 day ago ("},
		{"expired today", a.leaf(t, -30*day, -90*time.Minute), trusting, -90 * time.Minute, "certificate expired 1h30m ago ("},
		{"expired and self-signed", nobody.leaf(t, -30*day, -3*day-time.Hour), func(*Config) {}, -3*day - time.Hour, "certificate expired 3 days ago ("},
		{"expired, whatever", a.leaf(t, -30*day, -3*day), careless, -3 * day, ""},
		{"not yet valid", a.leaf(t, 2*day+time.Hour, 30*day), trusting, 30 * day,
			"certificate is not valid before " + ago(-2*day-time.Hour) + " (in 2 days)"},
		{"self-signed", nobody.leaf(t, -day, 30*day), func(*Config) {}, 30 * day, "certificate is self-signed"},
		{"self-signed, whatever", nobody.leaf(t, -day, 30*day), careless, 30 * day, ""},
		{"unknown authority", a.leaf(t, -day, 30*day), func(*Config) {}, 30 * day, "certificate is signed by an unknown authority (test authority)"},
		{"wrong host", a.leaf(t, -day, 30*day, "a.example"), trusting, 30 * day, "certificate is for a.example, not 127.0.0.1"},
		{"wrong name", a.leaf(t, -day, 30*day, "a.example"), func(c *Config) { trusting(c); c.TLS.ServerName = "b.example" }, 30 * day,
			"certificate is for a.example, not b.example"},
		{"right name", a.leaf(t, -day, 30*day, "a.example"), func(c *Config) { trusting(c); c.TLS.ServerName = "a.example" }, 30 * day, ""},
		{"many wrong names", a.leaf(t, -day, 30*day, "a.example", "b.example", "c.example", "d.example", "e.example"), trusting, 30 * day,
			"certificate is for a.example, b.example, c.example and 2 more, not 127.0.0.1"},
		{"expires after its authority", a.leaf(t, -day, 90*day), trusting, 1000 * time.Hour, ""},
		{"retried", a.leaf(t, -30*day, -3*day-time.Hour), func(c *Config) { trusting(c); c.Retries = 1 }, -3*day - time.Hour, "certificate expired 3 days ago ("},
		{"kept", a.leaf(t, -day, 30*day), func(c *Config) { trusting(c); c.KeepAlive = true }, 30 * day, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, err := ask(t, secure(t, c.cert, ok, nil), asking{change: c.change, reads: []string{"cert_expires_in"}})
			expect(t, err, c.want)
			if off := v.CertExpiresIn - c.expires; off.Abs() > time.Minute {
				t.Errorf("cert_expires_in is %v, want %v", v.CertExpiresIn, c.expires)
			}
			if checktypes.IsOwnFault(err) {
				t.Error("a certificate counts as polyhealth's own fault")
			}
		})
	}
}

// TestExpiredIntermediate names the certificate that breaks the chain.
func TestExpiredIntermediate(t *testing.T) {
	a := newAuthority(t)
	template := *a.cert
	template.RawSubject, template.Subject.CommonName = nil, "middle"
	template.NotBefore, template.NotAfter = time.Now().Add(-30*day), time.Now().Add(-5*day-time.Hour)
	signed := a.sign(t, &template)
	middle := &authority{cert: signed.Leaf, key: key(signed)}
	leaf := middle.leaf(t, -day, 30*day)
	leaf.Certificate = append(leaf.Certificate, signed.Certificate...)
	v, err := ask(t, secure(t, leaf, ok, nil), asking{change: func(c *Config) { c.TLS.CA = a.file }})
	expect(t, err, `the signer's certificate "middle" expired 5 days ago (`)
	if v.CertExpiresIn > -5*day {
		t.Errorf("cert_expires_in is %v, want -5 days", v.CertExpiresIn)
	}
}

// TestClientCertificate asks a server that wants to know who asks, with none, with
// one, and with one that was renewed on disk while the check ran.
func TestClientCertificate(t *testing.T) {
	a := newAuthority(t)
	names := make(chan time.Time, 1)
	url := secure(t, a.leaf(t, -day, 30*day), func(w nethttp.ResponseWriter, r *nethttp.Request) {
		names <- r.TLS.PeerCertificates[0].NotAfter
	}, func(s *httptest.Server) {
		s.TLS.ClientAuth = tls.RequireAndVerifyClientCert
		s.TLS.ClientCAs = x509.NewCertPool()
		s.TLS.ClientCAs.AddCert(a.cert)
	})
	_, err := ask(t, url, asking{change: func(c *Config) { c.TLS.CA = a.file }})
	expect(t, err, "the server demands a client certificate (tls.cert)")

	dir := t.TempDir()
	asking := asking{change: func(c *Config) {
		c.TLS.CA, c.TLS.Cert, c.TLS.Key = a.file, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	}}
	writePair(t, dir, a.leaf(t, -day, 5*day))
	shared := &checktypes.Shared{}
	p := opened(t, url, asking, shared)
	for _, want := range []time.Duration{5 * day, 9 * day} {
		writePair(t, dir, a.leaf(t, -day, want))
		if _, err := asking.probe(t, p); err != nil {
			t.Fatal(err)
		}
		if got := time.Until(<-names); (got - want).Abs() > time.Minute {
			t.Errorf("the client's certificate expires in %v, want %v", got, want)
		}
	}
	os.Remove(filepath.Join(dir, "key.pem"))
	_, err = asking.probe(t, p)
	expect(t, err, "cannot read tls.key: open "+dir)
	if !checktypes.IsOwnFault(err) {
		t.Errorf("%v is not polyhealth's own fault", err)
	}
	p.Close()
	if shared.Len() != 0 {
		t.Errorf("%d transports are left", shared.Len())
	}
}

func TestTLSVersion(t *testing.T) {
	a := newAuthority(t)
	url := secure(t, a.leaf(t, -day, 30*day), ok, func(s *httptest.Server) { s.TLS.MaxVersion = tls.VersionTLS12 })
	_, err := ask(t, url, asking{change: func(c *Config) { c.TLS.CA, c.TLS.MinVersion = a.file, "1.3" }})
	expect(t, err, "the server offers no TLS version that is accepted here (tls.min_version)")
}

func TestHTTP2(t *testing.T) {
	a := newAuthority(t)
	url := secure(t, a.leaf(t, -day, 30*day), func(w nethttp.ResponseWriter, r *nethttp.Request) {
		fmt.Fprint(w, r.Proto)
	}, func(s *httptest.Server) { s.EnableHTTP2 = true })
	for keep, want := range map[bool]string{true: "HTTP/2.0", false: "HTTP/1.1"} {
		v, err := ask(t, url, asking{change: func(c *Config) { c.TLS.CA, c.KeepAlive = a.file, keep }})
		if err != nil || v.Body != want || v.CertExpiresIn <= 0 || v.Timing.FirstByte <= 0 || v.Timing.TLS <= 0 {
			t.Errorf("keep_alive %v speaks %q, want %q: %+v, %v", keep, v.Body, want, v, err)
		}
	}
}

// TestProxy goes through one for http and for https, and is refused by one.
func TestProxy(t *testing.T) {
	a := newAuthority(t)
	target := secure(t, a.leaf(t, -day, 30*day), ok, nil)
	proxy := serving(t, func(w nethttp.ResponseWriter, r *nethttp.Request) {
		switch {
		case r.Header.Get("Proxy-Authorization") != "Basic bWU6cHc=":
			w.WriteHeader(nethttp.StatusProxyAuthRequired)
		case r.Method == "CONNECT":
			tunnel(w, r.Host)
		default:
			io.WriteString(w, "proxied "+r.URL.String())
		}
	}).URL
	known := "http://me:pw@" + proxy[len("http://"):]
	cases := []struct {
		name, url, proxy, body, want string
		status                       int
	}{
		{"http", "http://target.invalid/x", known, "proxied http://target.invalid/x", "", 200},
		{"https", target, known, "ok", "", 200},
		{"http refused", "http://target.invalid/", proxy, "", "", 407},
		{"https refused", target, proxy, "", "the proxy answered 407", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, err := ask(t, c.url, asking{change: func(config *Config) { config.Proxy, config.TLS.CA = c.proxy, a.file }})
			expect(t, err, c.want)
			if v.Body != c.body || v.Status != c.status {
				t.Errorf("answer is %d %q, want %d %q", v.Status, v.Body, c.status, c.body)
			}
		})
	}
}
