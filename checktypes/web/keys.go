package web

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"polyhealth/schema"
)

// CheckURL notes what is wrong with the URL text, which stands at the node at (nil
// is fine) under the key named key, and whose scheme must be one of schemes. It
// returns the URL's user, if it has one.
func CheckURL(text, key string, at *schema.Node, r *schema.Reader, schemes ...string) *url.Userinfo {
	u, problem := parseURL(text)
	if problem != "" {
		r.Errorf(at, "", "the %s %s", key, problem)
		return nil
	}
	switch known := slices.Contains(schemes, u.Scheme); {
	case !known && !strings.Contains(text, "://"):
		r.Errorf(at, `write it as "`+schemes[len(schemes)-1]+"://"+strings.TrimLeft(text, "/")+`"`,
			"the %s does not begin with %s", key, list(schemes))
		return nil
	case !known:
		r.Errorf(at, "", "the %s begins with %s://, not with %s", key, u.Scheme, list(schemes))
	case u.Hostname() == "":
		r.Errorf(at, "", "the %s names no host", key)
	case !isPort(u.Port()):
		r.Errorf(at, "", "the port %s of the %s is not within 1 to 65535", u.Port(), key)
	case strings.Contains(text, "#"):
		r.Errorf(at, "write %23 where the # belongs to the path", "the part of the %s from # on would never be sent", key)
	}
	return u.User
}

// list is "http:// or https://".
func list(schemes []string) string { return strings.Join(schemes, ":// or ") + "://" }

// parseURL is url.Parse, and in a few words what is wrong.
func parseURL(text string) (*url.URL, string) {
	if strings.ContainsAny(text, " \t") {
		return nil, "holds a space, which is written as %20"
	}
	u, err := url.Parse(text)
	if err == nil {
		return u, ""
	}
	if inner, ok := err.(*url.Error); ok {
		err = inner.Err
	}
	if strings.Contains(err.Error(), "first path segment in URL cannot contain colon") {
		return &url.URL{}, "" // "127.0.0.1:8080": there is no scheme
	}
	return nil, "cannot be read: " + strings.TrimPrefix(err.Error(), "net/url: ")
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n >= 1 && n <= 65535
}

// CheckHeaders notes what is wrong with the headers to send, which stand at n,
// beside those that made names in lower case, which the request makes itself.
func CheckHeaders(headers map[string]string, made []string, n *schema.Node, r *schema.Reader) {
	first := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		at, low := n.Near(name), strings.ToLower(name)
		switch {
		case !IsToken(name):
			r.Errorf(at, "", "%q is no header's name", name)
		case strings.ContainsFunc(headers[name], func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
			r.Errorf(at, "", "the header %s holds a line break or another control character", name)
		case slices.Contains(made, low):
			r.Errorf(at, "remove it", "the header %s is made by the request itself", name)
		case low == "host" && (headers[name] == "" || strings.ContainsAny(headers[name], " \t/\\@?#")):
			r.Errorf(at, "", "the header %s is not the name of a host", name)
		case first[low] != "":
			r.Errorf(at, "", "the header %s is already there as %s", name, first[low])
		}
		first[low] = name
	}
}

// IsToken reports whether s may be a method's, a header's or a subprotocol's name.
func IsToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.ContainsRune("!#$%&'*+-.^_`|~", c))
	})
}

// Header is the value of the header that is written in any case.
func Header(headers map[string]string, name string) string {
	for k, v := range headers {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// SetHeaders sets those that the user wants, over those of polyhealth, and returns
// the host to ask for, which is none of them: empty for the URL's.
func SetHeaders(h http.Header, headers map[string]string) (host string) {
	h.Set("User-Agent", "polyhealth/1")
	for name, value := range headers {
		if strings.EqualFold(name, "Host") {
			host = value
		} else {
			h.Set(name, value)
		}
	}
	return host
}

// Basic is what HTTP basic authentication sends.
func Basic(username, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
}
