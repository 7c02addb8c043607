package http

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"polyhealth/schema"
)

// read decodes and checks keys as the engine does.
func read(src string) (*Config, *schema.Reader) {
	r := schema.NewReader()
	doc := schema.Parse("checks.yaml", []byte(src), schema.Env{}, r)
	c := Type.NewConfig().(*Config)
	r.Decode(doc.Root, c)
	Type.Check(c, doc.Root, r)
	return c, r
}

func TestCheck(t *testing.T) {
	const url = "url: https://example.org/\n"
	cases := []struct{ name, src, want string }{
		{"least", url, ""},
		{"all", url + `method: post
headers: {Host: a.example, X-A: "b\tc"}
body: data
follow_redirects: false
basic_auth: {username: me, password: pw}
tls: {ca: ca.pem, cert: c.pem, key: k.pem, server_name: b.example, min_version: 1.3}
proxy: socks5h://proxy:1080
retries: 10
max_body: 64KiB
keep_alive: true
`, ""},
		{"no url", "method: GET\n", "1:1: the file needs url"},
		{"no scheme", "url: example.org/health\n", "1:6: the url does not begin with http:// or https://"},
		{"a port for a scheme", "url: localhost:8080\n", "1:6: the url does not begin with http:// or https://"},
		{"an address for a scheme", "url: 127.0.0.1:8080\n", "1:6: the url does not begin with http:// or https://"},
		{"other scheme", "url: ftp://example.org\n", "1:6: the url begins with ftp://, not with http:// or https://"},
		{"no host", "url: http:///health\n", "1:6: the url names no host"},
		{"port too large", "url: http://x:70000\n", "1:6: the port 70000 of the url is not within 1 to 65535"},
		{"no port", "url: 'http://x:p'\n", "1:6: the url cannot be read: invalid port"},
		{"bad escape", "url: http://x/%zz\n", "1:6: the url cannot be read: invalid URL escape"},
		{"fragment", "url: 'http://x/#a'\n", "1:6: the part of the url from # on would never be sent"},
		{"space", "url: 'http://x/a b'\n", "1:6: the url holds a space"},
		{"method", url + "method: 'GE T'\n", `2:9: "GE T" is no method`},
		{"CONNECT", url + "method: connect\n", `2:9: "CONNECT" is no method`},
		{"header's name", url + "headers: {'a b': c}\n", `2:18: "a b" is no header's name`},
		{"header's value", url + "headers: {a: \"b\\r\\nX-Evil: c\"}\n", "2:14: the header a holds a line break"},
		{"made header", url + "headers: {Content-Length: 5}\n", "2:27: the header Content-Length is made by the request itself"},
		{"header twice", url + "headers: {a: b, A: c}\n", "2:14: the header a is already there as A"},
		{"two ways", url + "bearer: t\nbasic_auth: {username: me}\n", "2:9: basic_auth and bearer both say who asks"},
		{"three ways", "url: http://me@x\nbearer: t\nheaders: {authorization: x}\n",
			"2:9: a user in the url, an Authorization header and bearer both say who asks"},
		{"colon in the user", url + "basic_auth: {username: 'a:b'}\n", "2:24: a user's name cannot hold a colon"},
		{"no user", url + "basic_auth: {password: x}\n", "2:13: basic_auth needs username"},
		{"proxy's scheme", url + "proxy: ftp://p\n", "2:8: the proxy begins with ftp://"},
		{"proxy without scheme", url + "proxy: p:3128\n", "2:8: the proxy does not begin with "},
		{"key without cert", url + "tls: {key: a.pem}\n", "2:12: tls.key needs tls.cert"},
		{"ca for nothing", url + "tls: {ca: a.pem, insecure_skip_verify: true}\n", "2:40: tls.ca has no effect beside insecure_skip_verify"},
		{"version", url + "tls: {min_version: 2}\n", "2:20: "},
		{"too many retries", url + "retries: 11\n", "2:10: "},
		{"negative retries", url + "retries: -1\n", "2:10: "},
		{"empty max_body", url + "max_body: 0\n", "2:11: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, r := read(c.src)
			var got []string
			for _, d := range r.Diagnostics() {
				got = append(got, fmt.Sprintf("%d:%d: %s", d.Line, d.Column, d.Message))
			}
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
				t.Errorf("mistakes are %q\nwant         %q", got, c.want)
			}
		})
	}
}

func TestMethodIsUpperCase(t *testing.T) {
	if c, _ := read("url: http://x\nmethod: post\n"); c.Method != "POST" {
		t.Errorf("the method is %q", c.Method)
	}
}

// TestSecretsAreHidden looks for what a message could show.
func TestSecretsAreHidden(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	cases := []struct {
		name, src string
		secrets   []string
	}{
		{"basic auth", "url: http://x\nbasic_auth: {username: me, password: hunter22}\n", []string{"hunter22", b64("me:hunter22")}},
		{"bearer", "url: http://x\nbearer: tok-12345\n", []string{"tok-12345"}},
		{"user in the url", "url: http://me:hunter22@x\n", []string{"hunter22", b64("me:hunter22")}},
		{"authorization", "url: http://x\nheaders: {Authorization: Bearer tok-12345}\n", []string{"tok-12345", "Bearer tok-12345"}},
		{"basic by hand", "url: http://x\nheaders: {authorization: Basic " + b64("me:hunter22") + "}\n", []string{"hunter22", b64("me:hunter22")}},
		{"api key", "url: http://x\nheaders: {X-Api-Key: key-12345}\n", []string{"key-12345"}},
		{"cookie", "url: http://x\nheaders: {Cookie: session=abcdef}\n", []string{"session=abcdef"}},
		{"proxy", "url: http://x\nproxy: http://me:hunter22@p:3128\n", []string{"hunter22", b64("me:hunter22")}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, r := read(c.src)
			if r.Failed() {
				t.Fatal(r.Diagnostics())
			}
			for _, secret := range c.secrets {
				if got := r.Secrets.Redact("it says " + secret); strings.Contains(got, secret) {
					t.Errorf("%q is shown: %s", secret, got)
				}
			}
		})
	}
	_, r := read("url: http://x\nheaders: {Accept: text/plain}\n")
	if got := r.Secrets.Redact("text/plain"); got != "text/plain" {
		t.Errorf("what is no secret is hidden: %s", got)
	}
}
