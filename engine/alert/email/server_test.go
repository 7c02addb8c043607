package email

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A server is a mail server on loopback, good enough for one client, that can
// misbehave.
type server struct {
	t        *testing.T
	listener net.Listener
	tls      *tls.Config
	roots    *x509.CertPool

	stripped bool              // offers no STARTTLS
	private  bool              // TLS from the first byte
	silent   string            // the command that it never answers
	replies  map[string]string // to commands, in place of its own
	logins   map[string]string // users and passwords; nil: no AUTH

	mu    sync.Mutex
	lines []string // commands, and whether they came encrypted
	mails []string
	conns sync.WaitGroup
}

func (s *server) start(t *testing.T) *server {
	s.t = t
	certificate, roots := certify(t)
	s.tls, s.roots = &tls.Config{Certificates: []tls.Certificate{certificate}}, roots
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.conns.Go(func() { s.serve(conn) })
		}
	}()
	t.Cleanup(func() { s.listener.Close(); <-done; s.conns.Wait() })
	return s
}

func (s *server) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// certify makes a certificate for localhost.
func certify(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func (s *server) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	encrypted := s.private
	if s.private {
		conn = tls.Server(conn, s.tls)
	}
	r := bufio.NewReader(conn)
	say := func(format string, args ...any) { fmt.Fprintf(conn, format+"\r\n", args...) }
	if s.silent == "" || s.silent != "connect" {
		say("220 localhost ESMTP")
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb := strings.ToUpper(strings.Fields(line + " -")[0])
		s.note(line, encrypted)
		if s.silent == verb {
			continue
		}
		if reply := s.replies[verb]; reply != "" {
			say("%s", reply)
			continue
		}
		switch verb {
		case "EHLO":
			say("250-localhost")
			if !encrypted && !s.stripped {
				say("250-STARTTLS")
			}
			if s.logins != nil {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go")
			conn = tls.Server(conn, s.tls)
			r, encrypted = bufio.NewReader(conn), true
		case "AUTH":
			s.auth(line, say)
		case "DATA":
			say("354 go")
			s.take(r)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *server) note(line string, encrypted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if encrypted {
		line = "TLS " + line
	}
	s.lines = append(s.lines, line)
}

func (s *server) auth(line string, say func(string, ...any)) {
	b, _ := base64.StdEncoding.DecodeString(line[strings.LastIndexByte(line, ' ')+1:])
	fields := strings.Split(string(b), "\x00")
	if len(fields) == 3 && s.logins[fields[1]] == fields[2] {
		say("235 welcome")
	} else {
		say("535 5.7.8 who are you")
	}
}

func (s *server) take(r *bufio.Reader) {
	var mail strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		mail.WriteString(line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail.String())
}

func (s *server) heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}
