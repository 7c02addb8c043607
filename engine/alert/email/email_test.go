package email

import (
	"context"
	"encoding/pem"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"
	"polyhealth/schema"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func message(name string) alert.Message {
	return alert.Message{
		ID: "abc123", Event: alert.Firing, Check: name, Status: engine.Unhealthy,
		Message: "zażółć\r\n.\r\nMAIL FROM:<evil@example.org>", Failures: 3, Time: time.Now(),
	}
}

// send sends one mail by a client that trusts the server's certificate.
func send(t *testing.T, s *server, c Config, timeout time.Duration) alert.Outcome {
	t.Helper()
	c.Host, c.Port, c.From, c.To = "localhost", s.port(), "polyhealth <from@example.org>", []string{"a@example.org", "B <b@example.org>"}
	n, err := Kind.Open(&c, alert.Env{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return n.Send(ctx, message("db\r\nBcc: evil@example.org"))
}

// trust makes the process trust the server, as an administrator would.
func trust(t *testing.T, s *server) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.tls.Certificates[0].Certificate[0]})
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", path)
}

// The system's certificates are read once a process, so the one test that needs
// a trusted server is run by itself, first.
func TestADelivery(t *testing.T) {
	s := (&server{logins: map[string]string{"me": "pässword"}}).start(t)
	trust(t, s)
	out := send(t, s, Config{TLS: "starttls", Username: "me", Password: schema.Secret("pässword")}, 10*time.Second)
	if out != alert.Sent() {
		t.Fatalf("%v\n%s", out, s.heard())
	}
	heard := s.heard()
	for _, line := range strings.Split(heard, "\n") {
		if !strings.HasPrefix(line, "TLS ") && !strings.HasPrefix(line, "EHLO") && line != "STARTTLS" {
			t.Errorf("in the clear: %s", line)
		}
	}
	for _, want := range []string{"MAIL FROM:<from@example.org>", "RCPT TO:<a@example.org>", "RCPT TO:<b@example.org>", "AUTH PLAIN"} {
		if strings.Count(heard, want) != 1 {
			t.Errorf("%s was said %d times\n%s", want, strings.Count(heard, want), heard)
		}
	}
	if len(s.mails) != 1 {
		t.Fatalf("%d mails", len(s.mails))
	}
	m, err := mail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "🚨 db  Bcc: evil@example.org is UNHEALTHY" || m.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, bcc %q (%v)", subject, m.Header.Get("Bcc"), err)
	}
	if id := m.Header.Get("Message-Id"); id != "<abc123@example.org>" {
		t.Errorf("the id is %s", id)
	}
	if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Date") == "" {
		t.Errorf("headers are %v", m.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || !strings.Contains(string(body), "Message: zażółć") || !strings.Contains(string(body), "Failures: 3") {
		t.Errorf("body %s (%v)", body, err)
	}
}

func TestOutcomes(t *testing.T) {
	trusted := (&server{}).start(t)
	_ = trusted
	for _, c := range []struct {
		name   string
		server *server
		config Config
		want   string
		never  string // is not said to the server
	}{
		{"no STARTTLS offered", &server{stripped: true, logins: map[string]string{"me": "pw"}},
			Config{TLS: "starttls", Username: "me", Password: "pw"}, "retry after 0s: cannot connect to localhost", "AUTH"},
		{"a certificate nobody knows", &server{}, Config{TLS: "starttls"}, "retry after 0s: cannot connect to localhost", "MAIL"},
		{"the same with tls", &server{private: true}, Config{TLS: "tls"}, "retry after 0s: cannot connect to localhost", "MAIL"},
		{"none on this machine", &server{stripped: true}, Config{TLS: "none"}, "sent", "STARTTLS"},
		{"wrong password", &server{stripped: true, logins: map[string]string{"me": "pw"}},
			Config{TLS: "none", Username: "me", Password: "wr0ng"}, "permanent: ", "MAIL"},
		{"no such user there", &server{stripped: true, replies: map[string]string{"RCPT": "550 5.1.1 no such user"}},
			Config{TLS: "none"}, "permanent: ", "DATA"},
		{"greylisted", &server{stripped: true, replies: map[string]string{"RCPT": "451 4.7.1 later"}},
			Config{TLS: "none"}, "retry after 0s: ", "DATA"},
		{"busy", &server{stripped: true, replies: map[string]string{"MAIL": "421 4.3.2 busy"}}, Config{TLS: "none"}, "retry after 0s: ", "DATA"},
		{"breaks once it has the mail", &server{stripped: true, replies: map[string]string{"RSET": "500 what"}}, Config{TLS: "none"}, "sent", "-"},
		{"does not say bye", &server{stripped: true, silent: "QUIT"}, Config{TLS: "none"}, "sent", "-"},
		{"says nothing", &server{silent: "connect"}, Config{TLS: "none"}, "retry after 0s: ", "MAIL"},
		{"hangs", &server{stripped: true, silent: "MAIL"}, Config{TLS: "none"}, "retry after 0s: ", "DATA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.server.start(t)
			start := time.Now()
			out := send(t, s, c.config, time.Second).String()
			if !strings.HasPrefix(out, c.want) || len(out) > 400 || strings.Contains(out, "wr0ng") {
				t.Errorf("%s, want %s\n%s", out, c.want, s.heard())
			}
			if strings.Contains(s.heard(), c.never) {
				t.Errorf("it heard %s:\n%s", c.never, s.heard())
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	s := (&server{}).start(t)
	s.listener.Close()
	if out := send(t, s, Config{TLS: "none"}, time.Second).String(); !strings.HasPrefix(out, "retry after 0s: cannot connect") {
		t.Error(out)
	}
}
