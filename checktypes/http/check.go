package http

import (
	"net/url"
	"strings"
	"unicode"

	"polyhealth/checktypes/web"
	"polyhealth/schema"
)

// check notes what is wrong with a decoded Config, writes its method in upper case,
// and hides what a message could show of its secrets. n may be nil.
func check(c *Config, n *schema.Node, r *schema.Reader) {
	c.Method = strings.ToUpper(c.Method)
	if !web.IsToken(c.Method) || c.Method == "CONNECT" {
		r.Errorf(n.Near("method"), "", "%q is no method that a probe can use", c.Method)
	}
	var user *url.Userinfo
	if c.URL != "" { // a missing one was noted
		user = web.CheckURL(c.URL, "url", n.Near("url"), r, "http", "https")
	}
	web.CheckHeaders(c.Headers, []string{"content-length", "transfer-encoding", "trailer"}, n.Near("headers"), r)
	checkAuth(c, user, n, r)
	c.TLS.Check(n.Get("tls"), r)
	if c.Proxy != "" {
		web.HideUser(web.CheckURL(c.Proxy, "proxy", n.Near("proxy"), r, "socks5h", "socks5", "https", "http"), r)
	}
	web.HideUser(user, r)
	web.HideHeaders(c.Headers, n.Get("headers"), r)
	if b := c.BasicAuth; b != nil {
		r.Hide(web.Basic(b.Username, string(b.Password)))
	}
}

// checkAuth notes two ways to say who asks.
func checkAuth(c *Config, user *url.Userinfo, n *schema.Node, r *schema.Reader) {
	var ways []string
	at := n
	add := func(used bool, way string, place *schema.Node) {
		if used {
			ways, at = append(ways, way), place
		}
	}
	add(user != nil, "a user in the url", n.Near("url"))
	add(web.Header(c.Headers, "Authorization") != "", "an Authorization header", n.Near("headers"))
	add(c.BasicAuth != nil, "basic_auth", n.Near("basic_auth"))
	add(c.Bearer != "", "bearer", n.Near("bearer"))
	if last := len(ways) - 1; last > 0 {
		r.Errorf(at, "keep one of them", "%s and %s both say who asks", strings.Join(ways[:last], ", "), ways[last])
	}
	if strings.ContainsFunc(string(c.Bearer), unicode.IsControl) {
		r.Errorf(n.Near("bearer"), "", "the bearer holds a line break or another control character")
	}
	if c.BasicAuth != nil && strings.Contains(c.BasicAuth.Username, ":") {
		r.Errorf(n.Near("basic_auth", "username"), "", "a user's name cannot hold a colon")
	}
}
