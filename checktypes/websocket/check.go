package websocket

import (
	"strings"

	"polyhealth/checktypes/web"
	"polyhealth/schema"
)

// madeHeaders are those that the upgrade makes itself.
var madeHeaders = []string{
	"connection", "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions",
	"sec-websocket-protocol", "content-length", "transfer-encoding", "trailer",
}

// check notes what is wrong with a decoded Config, and hides what a message could
// show of its secrets. n may be nil.
func check(c *Config, n *schema.Node, r *schema.Reader) {
	if c.URL != "" { // a missing one was noted
		user := web.CheckURL(c.URL, "url", n.Near("url"), r, "ws", "wss")
		web.HideUser(user, r)
		if user != nil && web.Header(c.Headers, "Authorization") != "" {
			r.Errorf(n.Near("headers"), "keep one of them", "a user in the url and an Authorization header both say who asks")
		}
	}
	web.CheckHeaders(c.Headers, madeHeaders, n.Near("headers"), r)
	web.HideHeaders(c.Headers, n.Get("headers"), r)
	seen := map[string]bool{}
	for _, name := range c.Subprotocols {
		low := strings.ToLower(name)
		if !web.IsToken(name) || seen[low] {
			r.Errorf(n.Near("subprotocols"), "", "%q is no subprotocol's name, or is there twice", name)
		}
		seen[low] = true
	}
	c.TLS.Check(n.Get("tls"), r)
}
