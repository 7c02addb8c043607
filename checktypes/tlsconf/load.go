package tlsconf

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"polyhealth/checktypes"
)

// Settings are what a Config's files hold at one moment.
type Settings struct {
	// TLS is ready to dial with. It is shared: clone it before changing it.
	TLS *tls.Config
	// ID is equal for two Settings exactly when they do the same: a part of a key
	// of [checktypes.Shared]. It holds no secret.
	ID string
}

// A Source makes Settings of a Config, anew where one of its files changed. It is
// not for concurrent use.
type Source struct {
	config Config
	dir    string
	now    *Settings
	files  map[string]stamp
}

// stamp tells one state of a file from another without reading it.
type stamp struct {
	size    int64
	changed time.Time
}

// NewSource is a Source whose relative paths are relative to dir.
func NewSource(c Config, dir string) *Source { return &Source{config: c, dir: dir} }

// Settings returns the same pointer until a file changes. What cannot be read is
// polyhealth's own fault.
func (s *Source) Settings() (*Settings, error) {
	if s.now != nil && !s.changed() {
		return s.now, nil
	}
	s.files = map[string]stamp{}
	now, err := s.load()
	if err != nil {
		s.now = nil
		return nil, checktypes.OwnFault(err)
	}
	if s.now == nil || s.now.ID != now.ID {
		s.now = now
	}
	return s.now, nil
}

func (s *Source) changed() bool {
	for path, before := range s.files {
		if stampOf(path) != before {
			return true
		}
	}
	return false
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

var versions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11,
	"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

func (s *Source) load() (*Settings, error) {
	c, id := s.config, sha256.New()
	fmt.Fprintf(id, "%q %t %q\n", c.ServerName, c.InsecureSkipVerify, c.MinVersion)
	t := &tls.Config{
		ServerName:         c.ServerName,
		InsecureSkipVerify: c.InsecureSkipVerify,
		MinVersion:         versions[c.MinVersion],
	}
	if c.CA != "" {
		pem, err := s.read("ca", c.CA, id)
		if err != nil {
			return nil, err
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("there is no PEM certificate in tls.ca%s", named(c.CA))
		}
	}
	if c.Cert != "" {
		pair, err := s.pair(id)
		if err != nil {
			return nil, err
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return &Settings{TLS: t, ID: hex.EncodeToString(id.Sum(nil)[:12])}, nil
}

func (s *Source) pair(id hash.Hash) (tls.Certificate, error) {
	cert, err := s.read("cert", s.config.Cert, id)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := s.read("key", s.config.Key, id)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, fmt.Errorf("cannot use tls.cert%s with tls.key%s: %w",
			named(s.config.Cert), named(s.config.Key), err)
	}
	return pair, nil
}

// read returns what a key of the Config holds or names, notes the file's stamp,
// and adds the content to the settings' ID.
func (s *Source) read(key, value string, id hash.Hash) ([]byte, error) {
	content := []byte(value)
	if !isPEM(value) {
		path := value
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.dir, path)
		}
		s.files[path] = stampOf(path) // before reading: a change after it is seen
		var err error
		if content, err = readFile(path); err != nil {
			return nil, fmt.Errorf("cannot read tls.%s: %w", key, err)
		}
	}
	fmt.Fprintf(id, "%s %x\n", key, sha256.Sum256(content))
	return content, nil
}

// maxFile is more than the bundle of all authorities that a system trusts.
const maxFile = 16 << 20

// readFile reads a file, but not a pipe or a device, which may never end.
func readFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s is larger than 16 MiB", path)
	}
	return content, err
}

// named is " FILE" where a key names a file.
func named(value string) string {
	if isPEM(value) {
		return ""
	}
	return " " + value
}
