// Package tlsconf is the `tls` key of the check types that speak TLS: its keys,
// what they load, and what is wrong with a certificate in the user's words.
package tlsconf

import (
	"crypto/tls"
	"crypto/x509"
	"strings"

	"polyhealth/schema"
)

// Config is what the `tls` key holds. Its zero value verifies the server as a
// browser would.
type Config struct {
	// A PEM file of the authorities to trust instead of the system's; or the PEM
	// text itself. A changed file is noticed at the next connection.
	CA string `yaml:"ca" example:"/etc/ssl/own-ca.pem"`
	// A PEM file with the client's certificate and its chain, for servers that ask
	// for one; or the PEM text itself. Goes with `key`. A changed file is noticed
	// at the next connection.
	Cert string `yaml:"cert" example:"client.pem"`
	// A PEM file with the private key of `cert`, or the PEM text itself.
	Key string `yaml:"key" example:"client-key.pem"`
	// The name to ask for and to find in the certificate; by default the URL's
	// host.
	ServerName string `yaml:"server_name" example:"internal.example.org"`
	// Accept any certificate. Its expiry can still be read by a rule.
	InsecureSkipVerify bool `yaml:"insecure_skip_verify"`
	// The oldest version of TLS to accept; by default 1.2.
	MinVersion string `yaml:"min_version" enum:"1.0,1.1,1.2,1.3" example:"1.3"`
}

// Check notes what is wrong with c, which was decoded from n, and hides a private
// key that stands in the file. It does no I/O: what files hold is found when they are
// loaded. n may be nil.
func (c *Config) Check(n *schema.Node, r *schema.Reader) {
	if isPEM(c.Key) {
		r.Hide(c.Key)
		r.Expose(n.Get("key"), "the private key")
	}
	switch {
	case c.Cert != "" && c.Key == "":
		r.Errorf(n.Near("cert"), "add key: FILE", "tls.cert needs tls.key")
	case c.Key != "" && c.Cert == "":
		r.Errorf(n.Near("key"), "add cert: FILE", "tls.key needs tls.cert")
	}
	if isPEM(c.CA) && !x509.NewCertPool().AppendCertsFromPEM([]byte(c.CA)) {
		r.Errorf(n.Near("ca"), "", "there is no PEM certificate in tls.ca")
	}
	if isPEM(c.Cert) && isPEM(c.Key) {
		if _, err := tls.X509KeyPair([]byte(c.Cert), []byte(c.Key)); err != nil {
			r.Errorf(n.Near("cert"), "", "cannot use tls.cert with tls.key: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
	}
	if c.InsecureSkipVerify && c.CA != "" {
		r.Errorf(n.Near("insecure_skip_verify"), "remove one of the two",
			"tls.ca has no effect beside insecure_skip_verify")
	}
}

// isPEM reports whether a key's value is the PEM text itself, not a file's name.
func isPEM(value string) bool { return strings.Contains(value, "-----BEGIN ") }

//go:generate go run polyhealth/schema/fielddocs
