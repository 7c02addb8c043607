package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// A site is an HTTPS server in place of example.org.
type site struct {
	*httptest.Server
	answer atomic.Pointer[http.HandlerFunc]
	cert   atomic.Pointer[tls.Certificate]
	issuer issuer
}

func newSite(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{issuer: newIssuer(t)}
	s.answer.Store(&answer)
	s.certify(t, 90)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*s.answer.Load())(w, r)
	}))
	s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: []tls.Certificate{*s.cert.Load()}}, nil
	}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// certify gives the site a certificate that ends in so many days.
func (s *site) certify(t *testing.T, days int) {
	t.Helper()
	s.cert.Store(s.issuer.certificate(t, time.Now().Add(time.Duration(days)*24*time.Hour+time.Hour)))
}

// visit sends an example that is about example.org to the site.
func (s *site) visit(e *example) *example {
	e.t.Helper()
	e.edit("example.org", s.Listener.Addr().String())
	e.env = []string{"SSL_CERT_FILE=" + s.issuer.file}
	return e
}

// An issuer is a certificate authority, whose own certificate is in a file.
type issuer struct {
	file string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := issuer{file: filepath.Join(t.TempDir(), "ca.pem"), key: key}
	i.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority of this test"},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.sign(t, i.cert)})
	if err := os.WriteFile(i.file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return i
}

// certificate is one for this machine.
func (i issuer) certificate(t *testing.T, until time.Time) *tls.Certificate {
	t.Helper()
	der := i.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: i.cert.NotBefore, NotAfter: until,
	})
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: i.key}
}

func (i issuer) sign(t *testing.T, cert *x509.Certificate) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, i.cert, i.key.Public(), i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
