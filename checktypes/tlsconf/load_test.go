package tlsconf

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes"
)

// pair makes a self-signed certificate and its key, as PEM.
func pair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return text("CERTIFICATE", der), text("PRIVATE KEY", pkcs8)
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	cert, key := pair(t)
	_, otherKey := pair(t)
	write(t, dir, "cert.pem", cert)
	write(t, dir, "key.pem", key)
	write(t, dir, "other.pem", otherKey)
	write(t, dir, "empty.pem", "nothing")
	write(t, dir, "huge.pem", cert+strings.Repeat("\n", 16<<20))
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		config Config
		want   string // part of the error, empty for none
	}{
		{"nothing", Config{}, ""},
		{"relative files", Config{CA: "cert.pem", Cert: "cert.pem", Key: "key.pem"}, ""},
		{"absolute file", Config{CA: filepath.Join(dir, "cert.pem")}, ""},
		{"PEM text", Config{CA: cert, Cert: cert, Key: key}, ""},
		{"no such file", Config{CA: "missing.pem"}, "cannot read tls.ca: open " + filepath.Join(dir, "missing.pem")},
		{"a pipe that nobody writes to", Config{CA: "pipe"}, "cannot read tls.ca: " + filepath.Join(dir, "pipe") + " is not a file"},
		{"a device without an end", Config{CA: "/dev/zero"}, "cannot read tls.ca: /dev/zero is not a file"},
		{"a folder", Config{CA: dir}, "cannot read tls.ca: " + dir + " is not a file"},
		{"a huge file", Config{CA: "huge.pem"}, "cannot read tls.ca: " + filepath.Join(dir, "huge.pem") + " is larger than 16 MiB"},
		{"no certificate", Config{CA: "empty.pem"}, "there is no PEM certificate in tls.ca empty.pem"},
		{"another's key", Config{Cert: "cert.pem", Key: "other.pem"}, "cannot use tls.cert cert.pem with tls.key other.pem: "},
		{"another's key, as text", Config{Cert: cert, Key: otherKey}, "cannot use tls.cert with tls.key: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := NewSource(c.config, dir).Settings()
			if c.want != "" {
				if err == nil || !strings.HasPrefix(err.Error(), c.want) || !checktypes.IsOwnFault(err) {
					t.Errorf("error is %v (own fault: %v), want own fault %q", err, checktypes.IsOwnFault(err), c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if (s.TLS.RootCAs != nil) != (c.config.CA != "") || len(s.TLS.Certificates) > 0 != (c.config.Cert != "") {
				t.Errorf("settings are %+v", s.TLS)
			}
			if strings.Contains(s.ID, "PEM") || strings.Contains(s.ID, dir) {
				t.Errorf("the ID %q tells too much", s.ID)
			}
		})
	}
}

// TestSettingsID holds that equal settings meet and different ones do not.
func TestSettingsID(t *testing.T) {
	cert, _ := pair(t)
	id := func(c Config) string {
		s, err := NewSource(c, t.TempDir()).Settings()
		if err != nil {
			t.Fatal(err)
		}
		return s.ID
	}
	seen := map[string]Config{}
	for _, c := range []Config{{}, {CA: cert}, {ServerName: "a"}, {ServerName: "b"}, {InsecureSkipVerify: true}, {MinVersion: "1.3"}} {
		if other, twice := seen[id(c)]; twice {
			t.Errorf("%+v and %+v share an ID", c, other)
		}
		seen[id(c)] = c
		if again := id(c); again != id(c) {
			t.Errorf("%+v has two IDs", c)
		}
	}
	s, _ := NewSource(Config{MinVersion: "1.3", ServerName: "a", InsecureSkipVerify: true}, "").Settings()
	if s.TLS.MinVersion != tls.VersionTLS13 || s.TLS.ServerName != "a" || !s.TLS.InsecureSkipVerify {
		t.Errorf("settings are %+v", s.TLS)
	}
}

// TestChangedFile reads a file again when it has changed, and only then.
func TestChangedFile(t *testing.T) {
	dir := t.TempDir()
	first, _ := pair(t)
	second, _ := pair(t)
	path := write(t, dir, "ca.pem", first)
	old := time.Now().Add(-time.Hour)
	os.Chtimes(path, old, old)
	source := NewSource(Config{CA: "ca.pem"}, dir)
	get := func() *Settings {
		t.Helper()
		s, err := source.Settings()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := get()
	if get() != one {
		t.Error("the settings of an unchanged file are made anew")
	}
	write(t, dir, "ca.pem", first)
	if get() != one {
		t.Error("the settings of a file that was only touched are other ones")
	}
	write(t, dir, "ca.pem", second)
	os.Chtimes(path, old, old.Add(time.Minute))
	two := get()
	if two == one || two.ID == one.ID {
		t.Error("a changed file went unnoticed")
	}
	os.Remove(path)
	if _, err := source.Settings(); err == nil {
		t.Error("a file that is gone went unnoticed")
	}
	write(t, dir, "ca.pem", second)
	if get().ID != two.ID {
		t.Error("a file that came back is not what it was")
	}
}
