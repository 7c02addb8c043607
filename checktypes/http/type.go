package http

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"polyhealth/checktypes"
	"polyhealth/checktypes/jsonvalue"
	"polyhealth/checktypes/tlsconf"
	"polyhealth/schema"
)

// Type is the http check type.
var Type = checktypes.Define(checktypes.Definition[Config, Vars]{
	Name:  "http",
	Doc:   "Asks a web server and looks at its answer, its certificate and its timing.",
	Short: "url",
	Defaults: Config{
		Method:          "GET",
		FollowRedirects: true,
		MaxBody:         1 << 20,
	},
	Check: check,
	Open:  open,
	Judge: func(_ *Config, v *Vars) checktypes.Status {
		if v.Status >= 400 {
			return checktypes.Unhealthy
		}
		return checktypes.Healthy
	},
	Without: without,
	Derive:  derive,
	Summary: func(_ *Config, v *Vars) string {
		return strconv.Itoa(v.Status) + " in " + checktypes.FormatDuration(v.Latency)
	},
})

// Config is what the http key holds.
type Config struct {
	// What to ask for, beginning with http:// or https://. A user and password in
	// it are sent as basic_auth would.
	URL string `yaml:"url,required" example:"https://example.org/health"`
	// The request's method; by default GET.
	Method string `yaml:"method" example:"POST"`
	// Headers to send. Host overrides the URL's host in the request; User-Agent is
	// polyhealth/1 unless set. None but Accept, Accept-Language and User-Agent
	// follows a redirect to another scheme, host or port.
	Headers map[string]string `yaml:"headers" example:"Accept: application/json"`
	// The request's body. A redirect that would carry it to another scheme, host
	// or port fails the probe.
	Body string `yaml:"body" example:"{\"ping\": true}"`
	// Follow redirects, 10 at most, which is the default; with false the redirect
	// itself is the answer.
	FollowRedirects bool `yaml:"follow_redirects"`
	// A user and password to send as HTTP basic authentication.
	BasicAuth *BasicAuth `yaml:"basic_auth"`
	// A token to send as Authorization: Bearer TOKEN.
	Bearer schema.Secret `yaml:"bearer" example:"${API_TOKEN}"`
	// How to speak TLS.
	TLS tlsconf.Config `yaml:"tls"`
	// A proxy to go through: http://, https://, socks5:// or socks5h://. By default
	// none, whatever the environment says.
	Proxy string `yaml:"proxy" example:"http://proxy.example.org:3128"`
	// How often to try again after a connection error or a status of 429 or from
	// 500 up, within the probe's timeout; by default never. Retry-After is obeyed
	// where it ends in time.
	Retries int `yaml:"retries" min:"0" max:"10"`
	// The largest body to read, decompressed; a larger one fails the probe. By
	// default 1MiB.
	MaxBody schema.Size `yaml:"max_body" min:"1" example:"10MiB"`
	// Keep the connection open for the next probe. By default each probe proves
	// DNS, connect and TLS anew.
	KeepAlive bool `yaml:"keep_alive"`
}

// BasicAuth is what the basic_auth key holds.
type BasicAuth struct {
	// The user's name.
	Username string `yaml:"username,required" example:"probe"`
	// The user's password.
	Password schema.Secret `yaml:"password" example:"${API_PASSWORD}"`
}

// Vars are what rules see of an http probe.
type Vars struct {
	checktypes.Common
	// Status is the status code of the last answer, such as 200; 0 where none came.
	Status int `expr:"status" min:"0" max:"999"`
	// Body is the answer's body, decompressed.
	Body string `expr:"body"`
	// JSON is the body as JSON. The probe fails where something reads this and the
	// body is not JSON.
	JSON any `expr:"json"`
	// Headers are the answer's headers by lower-case name; values of one name are
	// joined by a comma and a space.
	Headers map[string]string `expr:"headers" keys:"lower"`
	// Size is the body's size in bytes, decompressed.
	Size int `expr:"size" min:"0"`
	// Redirects is how many redirects were followed.
	Redirects int `expr:"redirects" min:"0"`
	// Attempts is how often the request was tried: 1 and the retries that were made.
	Attempts int `expr:"attempts" min:"0"`
	// CertExpiresIn is the time until the first certificate of the server's chain
	// expires, negative once it has, also where the certificate was refused. The
	// probe fails where something reads this and the answer came without TLS.
	CertExpiresIn time.Duration `expr:"cert_expires_in"`
	// Timing is where the time went, over all redirects of the last attempt. What
	// was not needed took 0s, such as dns and connect of a kept connection.
	Timing Timing `expr:"timing"`
}

// without: an answer that certainly comes without TLS has no certificate.
func without(c Config) map[string]string {
	if c.FollowRedirects || !strings.HasPrefix(strings.ToLower(c.URL), "http://") {
		return nil
	}
	return map[string]string{"cert_expires_in": "the url begins with http://, and redirects are not followed"}
}

// derive makes the body of the JSON, or the JSON of the body, and what usually is.
func derive(_ *Config, v *Vars, has checktypes.Has) {
	switch {
	case has["json"] && !has["body"]:
		if text, err := json.Marshal(v.JSON); err == nil {
			v.Body, has["body"] = string(text), true
		}
	case has["body"] && !has["json"]:
		if value, err := jsonvalue.Parse([]byte(v.Body)); err == nil {
			v.JSON, has["json"] = value, true
		}
	}
	if has["body"] && !has["size"] {
		v.Size, has["size"] = len(v.Body), true
	}
	if !has["attempts"] {
		v.Attempts, has["attempts"] = 1, true
	}
	has["redirects"] = true // none, unless given
}

// Timing is where a probe's time went.
type Timing struct {
	// DNS is how long the name's look-up took.
	DNS time.Duration `expr:"dns" min:"0s"`
	// Connect is how long it took to connect, over the address that won.
	Connect time.Duration `expr:"connect" min:"0s"`
	// TLS is how long the TLS handshake took.
	TLS time.Duration `expr:"tls" min:"0s"`
	// FirstByte is the time from the ready connection to the answer's first byte:
	// mostly the server's thinking.
	FirstByte time.Duration `expr:"first_byte" min:"0s"`
	// Transfer is the time from the first byte to the body's last.
	Transfer time.Duration `expr:"transfer" min:"0s"`
}
