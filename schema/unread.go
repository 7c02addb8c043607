package schema

import (
	"regexp"
	"strings"
)

// Secrets that stand in the file itself are known once they are decoded. What is
// not decoded, as there is a mistake above it, can still be in a line that is
// shown: it is told by its key.
var secretKey = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|token|secret|dsn|bearer|api_?key|private_?key|credentials?|authorization)$`)

var secretLine = regexp.MustCompile(`(?i)(?:pass(?:word|wd|phrase)?|token|secret|dsn|bearer|api_?key|private_?key|credentials?|authorization)["']?\s*:\s*(.+)$`)

// hideUnread makes secrets of what is below a key that is not decoded, where its
// key or one above it says so.
func (r *Reader) hideUnread(key string, n *Node) {
	hide := secretKey.MatchString(key)
	if hide && n.isScalar() {
		r.Hide(n.Value)
	}
	for _, item := range n.Items {
		r.hideUnread(key, item)
	}
	for _, e := range n.Entries {
		if hide {
			r.hideUnread(key, e.Value)
		} else {
			r.hideUnread(e.Key.Value, e.Value)
		}
	}
}

// hideLine does the same for a line that cannot be read.
func (r *Reader) hideLine(line string) {
	r.userinfo(line)
	m := secretLine.FindStringSubmatch(line)
	if m == nil {
		return
	}
	value := strings.TrimSpace(m[1])
	if strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'") {
		value, _, _ = strings.Cut(value[1:], value[:1])
	} else {
		value, _, _ = strings.Cut(value, " #")
	}
	if !strings.HasPrefix(value, "${") {
		r.Hide(strings.TrimRight(value, " ,]}"))
	}
}

// userinfo hides the user and password of every URL in a text, and reports whether
// there is a password.
func (r *Reader) userinfo(text string) (password bool) {
	for {
		_, rest, ok := strings.Cut(text, "://")
		if !ok {
			return password
		}
		text = rest
		authority := upTo(rest, "/?# \n\t\"'")
		_, port, _ := strings.Cut(authority, ":")
		if authority != "" && authority[0] != '[' && strings.Trim(port, "0123456789") != "" {
			authority = upTo(rest[:min(len(rest), 512)], " \n\t\"'") // of a password that is not escaped
		}
		at := strings.LastIndexByte(authority, '@')
		if at < 0 {
			continue
		}
		password = r.hideUser(authority[:at]) || password
	}
}

// longToken is the length, in bytes, from which the user of a URL without a
// password is one itself, and no name.
const longToken = 16

// hideUser hides what stands before the @ of a URL. A name alone, such as postgres,
// is hidden only there: elsewhere it is a word. It reports whether there is a
// password.
func (r *Reader) hideUser(info string) bool {
	_, password, _ := strings.Cut(info, ":")
	switch {
	case password != "":
		r.Hide(info)
		r.Hide(password)
	case len(info) >= longToken:
		r.Hide(info)
	default:
		r.Hide("://" + info + "@")
		if r.names == nil {
			r.names = map[string]bool{}
		}
		r.names["://"+info+"@"] = true
	}
	return password != ""
}

// upTo is the part of a text before any of some characters.
func upTo(text, any string) string {
	if i := strings.IndexAny(text, any); i >= 0 {
		return text[:i]
	}
	return text
}
