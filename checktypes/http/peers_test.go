package http

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes"
)

// An asking is one probe of a test.
type asking struct {
	change  func(*Config)
	reads   []string // what rules read; nil means all, and that none needs it
	timeout time.Duration
}

// ask opens a check of url, probes once, and closes it.
func ask(t *testing.T, url string, a asking) (Vars, error) {
	t.Helper()
	shared := &checktypes.Shared{}
	p := opened(t, url, a, shared)
	v, err := a.probe(t, p)
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if n := shared.Len(); n != 0 {
		t.Errorf("%d transports are left after Close", n)
	}
	return v, err
}

func opened(t *testing.T, url string, a asking, shared *checktypes.Shared) checktypes.Probe {
	t.Helper()
	config := Type.NewConfig().(*Config)
	config.URL = url
	if a.change != nil {
		a.change(config)
	}
	env := checktypes.Env{Name: "test", Dir: t.TempDir(), Timeout: a.deadline(), Shared: shared, Log: slog.New(slog.DiscardHandler)}
	if a.reads != nil {
		env.Uses = func(name string) bool { return slices.Contains(a.reads, name) }
	}
	p, err := Type.Open(config, env)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (a asking) deadline() time.Duration {
	if a.timeout == 0 {
		return 20 * time.Second
	}
	return a.timeout
}

func (a asking) probe(t *testing.T, p checktypes.Probe) (Vars, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), a.deadline())
	defer cancel()
	start := time.Now()
	facts, err := p.Run(ctx)
	if took := time.Since(start); took > a.deadline()+2*time.Second {
		t.Errorf("the probe took %v with a deadline of %v", took, a.deadline())
	}
	return facts.Env().(Vars), err
}

// serving is a server that answers with h until the test ends.
func serving(t *testing.T, h nethttp.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// answers is a server that always gives one answer; headers come in pairs.
func answers(status int, body string, headers ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		return serving(t, func(w nethttp.ResponseWriter, _ *nethttp.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Add(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}).URL
	}
}

// raw is a server that does with each connection what serve does, after it has read
// a request where there is one; the connection is closed when serve returns. It
// returns an address.
func raw(t *testing.T, serve func(c net.Conn, in *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				serve(c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// takeRequest reads a request that has no body.
func takeRequest(in *bufio.Reader) {
	if r, err := nethttp.ReadRequest(in); err == nil {
		r.Body.Close()
	}
}

// silent takes everything and says nothing.
func silent(_ net.Conn, in *bufio.Reader) { io.Copy(io.Discard, in) }

// then answers a request with text and then does what next does.
func then(text string, next func(net.Conn, *bufio.Reader)) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		takeRequest(in)
		io.WriteString(c, text)
		next(c, in)
	}
}

// reset ends a connection rudely.
func reset(c net.Conn, _ *bufio.Reader) { c.(*net.TCPConn).SetLinger(0) }

// hangUp ends it politely.
func hangUp(net.Conn, *bufio.Reader) {}

// drip writes a byte now and then until the other end has gone.
func drip(c net.Conn, _ *bufio.Reader) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := c.Write([]byte("x")); err != nil {
			return
		}
	}
}

// An authority signs the certificates of a test's servers.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate, as PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	pair := a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-1000 * time.Hour), NotAfter: time.Now().Add(1000 * time.Hour),
		KeyUsage: x509.KeyUsageCertSign,
	})
	a.cert, a.key = pair.Leaf, pair.PrivateKey.(*ecdsa.PrivateKey)
	a.file = filepath.Join(t.TempDir(), "ca.pem")
	writePEM(t, a.file, "CERTIFICATE", pair.Certificate[0])
	return a
}

// sign makes a certificate after the template, signed by a; the first by itself.
func (a *authority) sign(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	parent, by := template, key
	if a != nil && a.cert != nil {
		parent, by = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// leaf is a certificate for 127.0.0.1 and the hosts, valid from and until so far
// from now.
func (a *authority) leaf(t *testing.T, from, until time.Duration, hosts ...string) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "test server"}, DNSNames: hosts,
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if len(hosts) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return a.sign(t, template)
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secure is a TLS server that shows cert; change, if any, sees its settings first.
func secure(t *testing.T, cert tls.Certificate, h nethttp.HandlerFunc, change func(*httptest.Server)) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(s)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func ok(w nethttp.ResponseWriter, _ *nethttp.Request) { io.WriteString(w, "ok") }

func key(pair tls.Certificate) *ecdsa.PrivateKey { return pair.PrivateKey.(*ecdsa.PrivateKey) }

// writePair writes cert.pem and key.pem.
func writePair(t *testing.T, dir string, pair tls.Certificate) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", pair.Certificate[0])
	writePEM(t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", der)
}

// tunnel is what a proxy does on CONNECT.
func tunnel(w nethttp.ResponseWriter, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		w.WriteHeader(nethttp.StatusBadGateway)
		return
	}
	defer there.Close()
	here, in, err := nethttp.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		io.Copy(there, in) // which may have read some already
		there.Close()
	}()
	io.Copy(here, there)
}

// counted is a server that counts its connections.
func counted(t *testing.T, a *authority, withTLS bool) (s struct {
	url         string
	connections *atomic.Int32
}) {
	s.connections = &atomic.Int32{}
	server := httptest.NewUnstartedServer(nethttp.HandlerFunc(ok))
	server.Config.ConnState = func(_ net.Conn, state nethttp.ConnState) {
		if state == nethttp.StateNew {
			s.connections.Add(1)
		}
	}
	if withTLS {
		server.TLS = &tls.Config{Certificates: []tls.Certificate{a.leaf(t, -time.Hour, time.Hour)}}
		server.EnableHTTP2 = true
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// blackhole is an address that takes no connection and refuses none: the queue of
// its listener is full.
func blackhole(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for {
		c, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { c.Close() })
	}
}
