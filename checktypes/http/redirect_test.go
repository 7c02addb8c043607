package http

import (
	"io"
	nethttp "net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A seen is what a server got.
type seen struct {
	Method, Host, Body string
	Headers            map[string]string
}

// recorder is a server that keeps what it is asked last.
func recorder(t *testing.T) (url string, last *seen) {
	last = &seen{}
	return serving(t, func(_ nethttp.ResponseWriter, r *nethttp.Request) {
		body, _ := io.ReadAll(r.Body)
		*last = seen{r.Method, r.Host, string(body), flatten(r.Header)}
		delete(last.Headers, "accept-encoding")
		delete(last.Headers, "connection")
		delete(last.Headers, "content-length")
	}).URL, last
}

var credentials = map[string]string{
	"Authorization": "Bearer s3cret", "Cookie": "session=s3cret", "X-Api-Key": "s3cret",
	"X-Anything": "s3cret", "Accept": "text/plain",
}

// TestRedirectToAnotherOrigin holds back whatever could say who asks.
func TestRedirectToAnotherOrigin(t *testing.T) {
	authority := newAuthority(t)
	cases := []struct {
		name   string
		from   func(t *testing.T, to string) string
		change func(*Config)
	}{
		{"another port", redirector(302), func(c *Config) { c.Headers = credentials }},
		{"another port, permanently", redirector(308), func(c *Config) { c.Headers = credentials }},
		{"basic auth", redirector(301), func(c *Config) { c.BasicAuth = &BasicAuth{"me", "s3cret"} }},
		{"bearer", redirector(303), func(c *Config) { c.Bearer = "s3cret" }},
		{"overridden host", redirector(302), func(c *Config) { c.Headers = map[string]string{"Host": "s3cret.example", "Accept": "text/plain"} }},
		{"away and back", func(t *testing.T, to string) string {
			other := redirector(302)(t, to)
			return redirector(302)(t, strings.Replace(other, "127.0.0.1", "localhost", 1))
		}, func(c *Config) { c.Headers = credentials }},
		{"to plain HTTP", func(t *testing.T, to string) string {
			return secure(t, authority.leaf(t, -1e12, 1e15), nethttp.RedirectHandler(to, nethttp.StatusFound).ServeHTTP, nil)
		}, func(c *Config) { c.Headers, c.TLS.CA = credentials, authority.file }},
		{"retried", redirector(302), func(c *Config) { c.Headers, c.Retries = credentials, 2 }},
		{"user in the location", func(t *testing.T, to string) string {
			return redirector(302)(t, strings.Replace(to, "//", "//me:s3cret@", 1))
		}, func(*Config) {}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			to, last := recorder(t)
			v, err := ask(t, c.from(t, to), asking{change: c.change})
			if err != nil || v.Status != 200 || v.Redirects == 0 {
				t.Fatalf("status %d after %d redirects: %v", v.Status, v.Redirects, err)
			}
			for name, value := range last.Headers {
				if strings.Contains(value, "s3cret") || name == "authorization" {
					t.Errorf("the other origin got %s: %s", name, value)
				}
			}
			if strings.Contains(last.Host, "s3cret") {
				t.Errorf("the other origin got the host %s", last.Host)
			}
			if last.Headers["user-agent"] != "polyhealth/1" {
				t.Errorf("the other origin got the user-agent %q", last.Headers["user-agent"])
			}
		})
	}
}

// redirector is a server that redirects.
func redirector(status int) func(t *testing.T, to string) string {
	return func(t *testing.T, to string) string {
		return serving(t, nethttp.RedirectHandler(to, status).ServeHTTP).URL
	}
}

// TestRedirectWithinAnOrigin keeps credentials, and the body where the status says
// so.
func TestRedirectWithinAnOrigin(t *testing.T) {
	for _, c := range []struct {
		status int
		method string
		want   seen
	}{
		{301, "POST", seen{Method: "GET"}},
		{302, "PUT", seen{Method: "GET"}},
		{303, "HEAD", seen{Method: "HEAD"}},
		{307, "POST", seen{Method: "POST", Body: "data"}},
		{308, "PUT", seen{Method: "PUT", Body: "data"}},
	} {
		var last seen
		url := serving(t, func(w nethttp.ResponseWriter, r *nethttp.Request) {
			body, _ := io.ReadAll(r.Body)
			if r.URL.Path == "/" {
				nethttp.Redirect(w, r, "there#part", c.status)
				return
			}
			last = seen{r.Method, r.Host, string(body), map[string]string{"x-api-key": r.Header.Get("X-Api-Key"), "content-type": r.Header.Get("Content-Type")}}
		}).URL
		c.want.Host = "virtual.example"
		c.want.Headers = map[string]string{"x-api-key": "k", "content-type": ""}
		if c.want.Body != "" {
			c.want.Headers["content-type"] = "text/plain"
		}
		_, err := ask(t, url+"/", asking{change: func(config *Config) {
			config.Method, config.Body = c.method, "data"
			config.Headers = map[string]string{"X-Api-Key": "k", "Host": "virtual.example", "Content-Type": "text/plain"}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, last); d != "" {
			t.Errorf("%s after %d (-want +got):\n%s", c.method, c.status, d)
		}
	}
}

func TestRedirectOfABody(t *testing.T) {
	to, last := recorder(t)
	_, err := ask(t, redirector(307)(t, to), asking{change: func(c *Config) { c.Method, c.Body = "POST", "data" }})
	expect(t, err, "redirected to "+to+", where the body is not sent; ask there in the first place")
	if last.Method != "" {
		t.Errorf("the other origin was asked: %+v", last)
	}
}

func TestRedirectNotFollowed(t *testing.T) {
	to, last := recorder(t)
	v, err := ask(t, redirector(302)(t, to), asking{change: func(c *Config) { c.FollowRedirects = false }})
	if err != nil || v.Status != 302 || v.Redirects != 0 || last.Method != "" {
		t.Errorf("status %d after %d redirects, other asked by %q: %v", v.Status, v.Redirects, last.Method, err)
	}
}

// TestTenRedirects follows as many as are allowed.
func TestTenRedirects(t *testing.T) {
	url := serving(t, func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if len(r.URL.Path) < 11 {
			nethttp.Redirect(w, r, r.URL.Path+"x", nethttp.StatusFound)
		}
	}).URL
	v, err := ask(t, url+"/", asking{})
	if err != nil || v.Redirects != 10 || v.Status != 200 {
		t.Errorf("status %d after %d redirects: %v", v.Status, v.Redirects, err)
	}
}
