package tlsconf

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes"
)

// Expiry is when the first certificate expires that the connection stands on: of
// the verified chain that lasts longest, or of all that the server sent where
// none was verified. ok is false where there is no certificate.
func Expiry(state *tls.ConnectionState) (at time.Time, ok bool) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return at, false
	}
	for _, chain := range state.VerifiedChains {
		if first := earliest(chain); first.After(at) {
			at = first
		}
	}
	if at.IsZero() {
		at = earliest(state.PeerCertificates)
	}
	return at, true
}

// Rejected is Expiry of the certificates whose verification failed with err.
func Rejected(err error) (at time.Time, ok bool) {
	var failed *tls.CertificateVerificationError
	if !errors.As(err, &failed) || len(failed.UnverifiedCertificates) == 0 {
		return at, false
	}
	return earliest(failed.UnverifiedCertificates), true
}

func earliest(chain []*x509.Certificate) time.Time {
	at := chain[0].NotAfter
	for _, c := range chain[1:] {
		if c.NotAfter.Before(at) {
			at = c.NotAfter
		}
	}
	return at
}

// Explain says in the user's words why a TLS handshake failed, at the time now,
// and is "" for an error that is not about TLS.
func Explain(err error, now time.Time) string {
	var failed *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &failed):
		return explainCertificate(failed, now)
	case errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return "the server does not speak TLS: it answered in plain HTTP"
	case errors.As(err, &record):
		return "the server does not speak TLS"
	}
	if i := strings.Index(err.Error(), "tls: "); i >= 0 {
		return explainAlert(err.Error()[i+len("tls: "):], strings.Contains(err.Error(), "remote error: "))
	}
	return ""
}

// explainAlert rewords what crypto/tls says without a type of its own.
func explainAlert(reason string, remote bool) string {
	switch {
	case remote && strings.Contains(reason, "certificate required"):
		return "the server demands a client certificate (tls.cert)"
	case remote && strings.Contains(reason, "certificate"), remote && strings.Contains(reason, "unknown certificate authority"):
		return "the server refused our client certificate: " + reason
	case strings.Contains(reason, "protocol version"), strings.Contains(reason, "unsupported versions"):
		return "the server offers no TLS version that is accepted here (tls.min_version)"
	case remote:
		return "the server refused the TLS handshake: " + reason
	}
	return "the TLS handshake failed: " + reason
}

func explainCertificate(failed *tls.CertificateVerificationError, now time.Time) string {
	chain := failed.UnverifiedCertificates
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case len(chain) == 0:
	case errors.As(failed.Err, &invalid) && invalid.Reason == x509.Expired:
		if text := outOfDate(role(invalid.Cert, chain), invalid.Cert, now); text != "" {
			return text
		}
	case errors.As(failed.Err, &host):
		return "certificate is for " + names(chain[0]) + ", not " + host.Host
	case errors.As(failed.Err, &authority):
		return unknownAuthority(chain, now)
	}
	return "certificate is not valid: " + strings.TrimPrefix(failed.Err.Error(), "x509: ")
}

// role says whose certificate c is: the server's own, or one further up the chain.
func role(c *x509.Certificate, chain []*x509.Certificate) string {
	if c.Equal(chain[0]) {
		return "certificate"
	}
	return "the signer's certificate " + strconv.Quote(c.Subject.CommonName)
}

// outOfDate is "" where the certificate's dates are right.
func outOfDate(subject string, c *x509.Certificate, now time.Time) string {
	switch {
	case now.After(c.NotAfter):
		return fmt.Sprintf("%s expired %s ago (%s)", subject, days(now.Sub(c.NotAfter)), date(c.NotAfter))
	case now.Before(c.NotBefore):
		return fmt.Sprintf("%s is not valid before %s (in %s)", subject, date(c.NotBefore), days(c.NotBefore.Sub(now)))
	}
	return ""
}

// unknownAuthority explains a chain that leads to nobody: an intermediate that has
// expired is left out of it silently.
func unknownAuthority(chain []*x509.Certificate, now time.Time) string {
	for _, c := range chain[1:] {
		if text := outOfDate(role(c, chain), c, now); text != "" {
			return text
		}
	}
	leaf := chain[0]
	if leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) == nil {
		return "certificate is self-signed"
	}
	if leaf.Issuer.CommonName == "" {
		return "certificate is signed by an unknown authority"
	}
	return "certificate is signed by an unknown authority (" + leaf.Issuer.CommonName + ")"
}

// names lists what a certificate is for: the first few of what may be hundreds.
func names(c *x509.Certificate) string {
	all := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	const some = 3
	switch {
	case len(all) == 0:
		return "no host at all"
	case len(all) > some+1:
		return strings.Join(all[:some], ", ") + fmt.Sprintf(" and %d more", len(all)-some)
	}
	return strings.Join(all, ", ")
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// days writes a length of time in whole days where there are some.
func days(d time.Duration) string {
	switch n := int(d / (24 * time.Hour)); n {
	case 0:
		return checktypes.FormatDuration(d)
	case 1:
		return "1 day"
	default:
		return strconv.Itoa(n) + " days"
	}
}
