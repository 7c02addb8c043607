package web

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"polyhealth/schema"
)

// HideUser hides the password of a URL's user, plain and as it is sent. user may be
// nil.
func HideUser(user *url.Userinfo, r *schema.Reader) {
	if password, _ := user.Password(); password != "" {
		r.Hide(password)
		r.Hide(Basic(user.Username(), password))
	}
}

// HideHeaders hides the values of headers, which stand at n, that say who asks.
func HideHeaders(headers map[string]string, n *schema.Node, r *schema.Reader) {
	for name, value := range headers {
		if value == "" || !isSecret(name) {
			continue
		}
		r.Hide(value)
		if strings.EqualFold(name, "Authorization") {
			r.Expose(n.Get(name), "the header "+name)
		}
		scheme, token, two := strings.Cut(value, " ")
		if !two || token == "" {
			continue
		}
		r.Hide(token)
		if strings.EqualFold(scheme, "Basic") {
			hideBasic(token, r)
		}
	}
}

func hideBasic(token string, r *schema.Reader) {
	plain, err := base64.StdEncoding.DecodeString(token)
	if _, password, has := strings.Cut(string(plain), ":"); err == nil && has && password != "" {
		r.Hide(password)
	}
}

// isSecret guesses by its name whether a header says who asks.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{
		"auth", "cookie", "token", "secret", "password", "credential", "session", "signature",
		"api-key", "apikey", "api_key", "access-key",
	}, func(part string) bool { return strings.Contains(name, part) })
}
