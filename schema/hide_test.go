package schema

import (
	"bytes"
	"strings"
	"testing"
)

// TestSecretsOfFile: what a file makes secret.
func TestSecretsOfFile(t *testing.T) {
	for _, c := range []struct{ name, src, secret, plain string }{
		{"variable", "a: ${TOKEN}", "s3cr3t/+t0ken", ""},
		{"variable, escaped", "a: ${TOKEN}", "s3cr3t%2F%2Bt0ken", ""},
		{"variable within text", "a: http://${HOST}/", "db.internal", ""},
		{"short variable", "a: ${NO}", "", "no"},
		{"default", "a: ${NOT_SET:-in-the-file}", "", "in-the-file"},
		{"variable that is not used", "a: b", "", "s3cr3t/+t0ken"},
		{"file", "a: ${file:/run/secrets/token}", "from-a-file", ""},
		{"credential", "a: ${credential:token}", "from-a-credential", ""},
		{"URL's password", "a: https://joe:hunter2@host/", "hunter2", "host"},
		{"URL's userinfo", "a: https://joe:hunter2@host/", "joe:hunter2", "https"},
		{"URL's user alone", "a: ssh://deploy@host/", "://deploy@", "deploy"},
		{"URL's user that is a token", "a: https://0123456789abcdef@host/", "0123456789abcdef", "host"},
		{"URL's password, escaped", "a: https://joe:hunter%402@host/", "hunter@2", ""},
		{"URL's password with an @", "a: https://joe:hunt@er2@host/", "hunt@er2", "host"},
		{"URL's password that is not escaped", "a: postgres://joe:hunt#er2@host/db", "hunt#er2", "host"},
		{"second URL", "a: x http://host/ y https://joe:hunter2@host/", "hunter2", ""},
		{"URL's path", "a: https://host/joe:hunter2@home", "", "hunter2"},
		{"URL's port and path", "a: https://host:8080/joe@home", "", "joe@home"},
		{"URL with IPv6", "a: http://[::1]:8080/?q=some@one", "", "[::1]:8080/?q=some"},
		{"URL made of variables", "a: https://joe:${TOKEN}@host/", "joe:s3cr3t/+t0ken", ""},
		{"Secret", "routes: {a: {token: literal-token}}", "literal-token", ""},
		{"Secret under a mistyped key", "routes: {a: {tokn: literal-token}}", "literal-token", ""},
		{"Secret under a mistyped map", "rotes: {a: {token: literal-token}}", "literal-token", ""},
		{"Secret in what is no map", "routes: {a: [{token: literal-token}]}", "literal-token", ""},
		{"Secret of the wrong kind", "routes: {a: {token: [literal-token]}}", "literal-token", ""},
		{"Secret given twice", "routes: {a: {token: first-token, token: literal-token}}", "literal-token", ""},
		{"other text under a mistyped key", "routes: {a: {chta: some-text}}", "", "some-text"},
		{"syntax", "routes:\n  a: {token: literal-token", "literal-token", "token"},
		{"syntax, quoted", "routes:\n  a: {token: \"literal-token\", chat: 5", "literal-token", "chat"},
		{"syntax, password", "routes:\n  smtp_password: literal-token: x", "literal-token: x", "smtp"},
		{"syntax, URL", "a: b: https://joe:hunter2@host/", "hunter2", ""},
		{"syntax, nothing behind it", "a: {token:   ", "", "token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, r := readSample("f.yaml", c.src, sampleEnv())
			if c.secret != "" {
				if got := r.Secrets.Redact("x " + c.secret + " y"); got != "x [redacted] y" {
					t.Errorf("%q is %q", c.secret, got)
				}
			}
			if c.plain != "" && r.Secrets.Redact(c.plain) != c.plain {
				t.Errorf("%q is a secret", c.plain)
			}
			if told := textOf(r.Diagnostics()); c.secret != "" && strings.Contains(told, c.secret) {
				t.Errorf("it is told:\n%s", told)
			}
		})
	}
}

// TestSecretIsNotTold: not in a message, hint, path or source line, in no form of
// output; and the caret stays below what it points at.
func TestSecretIsNotTold(t *testing.T) {
	src := "checks:\n  a: {http: {url: \"http://${TOKEN}/s3cr3t/+t0ken\", s3cr3t/+t0ken: ${TOKEN}}, tags: db.internal, critical: maybe}\nx: ${HOST}\n"
	_, r := readSample("f.yaml", strings.ReplaceAll(src, ": ${TOKEN}}", ": \"${TOKEN}\"}"), sampleEnv())
	ds := r.Diagnostics()
	var out bytes.Buffer
	if err := WriteJSON(&out, ds); err != nil {
		t.Fatal(err)
	}
	for _, told := range []string{out.String(), textOf(ds)} {
		if strings.Contains(told, "t0ken") || strings.Contains(told, "internal") {
			t.Error(told)
		}
	}
	for _, d := range ds {
		if strings.Contains(d.Message, "critical") {
			line, caret := excerpt(d)
			if at := strings.Index(caret, "^"); !strings.HasPrefix(line[at:], "maybe}") || len(caret)-at != 5 {
				t.Errorf("the caret is at another place:\n%s\n%s", line, caret)
			}
			if d.Column != strings.Index(strings.Split(src, "\n")[1], "maybe")+1+2 { // of the quotes
				t.Errorf("column %d", d.Column)
			}
		}
	}
}

// TestHide: what a caller hides is not told, not even in part.
func TestHide(t *testing.T) {
	r := NewReader()
	n := Parse("f.yaml", []byte("k: "+strings.Repeat("x", shown-8)+"hunter2-hunter2\n"), Env{}, r).Root.Get("k")
	r.Hide("hunter2-hunter2")
	var d Duration
	r.Decode(n, &d)
	if told := textOf(r.Diagnostics()); strings.Contains(told, "hunter") {
		t.Error(told)
	}
}
