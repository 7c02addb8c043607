package all

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"polyhealth/engine"
	"polyhealth/engine/alert"
	"polyhealth/schema"
)

// compile reads a file whose only route, ops, holds the given lines.
func compile(t *testing.T, route string) (*engine.Plan, *schema.Reader) {
	t.Helper()
	src := "routes:\n  ops:\n"
	for line := range strings.Lines(strings.TrimSpace(route)) {
		src += "    " + line
	}
	src += "\nchecks:\n  a: {kind: x}\n"
	r := schema.NewReader()
	doc := schema.Parse("checks.yaml", []byte(src), schema.Env{Lookup: func(name string) (string, bool) {
		return map[string]string{"TOKEN": "123456:ABC-def"}[name], name == "TOKEN" || name == "EMPTY"
	}}, r)
	plan := engine.Compile(doc, engine.Registry{Notifiers: alert.Types(Kinds())}, r)
	return plan, r
}

// mistakes are what is wrong with a route. That the file's check has no type is
// not of interest here.
func mistakes(t *testing.T, route string) (all []string) {
	_, r := compile(t, route)
	for _, d := range r.Diagnostics() {
		if strings.Contains(d.Path, "routes") || strings.HasPrefix(d.Path, "routes") {
			all = append(all, fmt.Sprintf("%d:%d: %s", d.Line, d.Column, d.Message))
		}
	}
	return all
}

func TestRoutesThatAreFine(t *testing.T) {
	for _, route := range []string{
		`telegram: {token: "${TOKEN}", chat_id: -1001234567890}`,
		`telegram: {token: "1:a", chat_id: "@channel", thread_id: 7, api_url: "http://localhost:8081"}`,
		`telegram: {token: "${TOKEN}", chat_id: "77"}`,
		`telegram: {token: "${EMPTY:-}", chat_id: 77}`,
		`webhook: https://example.org/x`,
		`webhook: {url: "http://u:p@h:1/x", method: PUT, headers: {X-A: b}, body: hello}`,
		`alertmanager: http://localhost:9093`,
		`chat: ntfy://ntfy.sh/topic`,
		`chat: {url: "discord://token@123456789"}`,
		`command: [/bin/true, x]`,
		`command: {argv: [siren]}`,
		`email: {host: smtp.example.org, username: u, password: p, from: "P <p@example.org>", to: [a@example.org]}`,
		`email: {host: localhost, tls: none, from: p@example.org, to: [a@example.org]}`,
		"webhook: http://a\nchat: ntfy://ntfy.sh/topic\ncommand: [x]",
	} {
		if all := mistakes(t, route); len(all) > 0 {
			t.Errorf("%s\n%s", route, strings.Join(all, "\n"))
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ route, want string }{
		{`telegram: {token: "no token", chat_id: 7}`, "3:23: this is not a bot's token"},
		{`telegram: {token: "1:a", chat_id: seven}`, `3:39: "seven" is no chat`},
		{`telegram: {token: "1:a", chat_id: 1.5}`, `"1.5" is no chat`},
		{`telegram: {token: "1:a"}`, "chat_id"},
		{`telegram: {token: "1:a", chat_id: 7, thread_id: 0}`, "thread_id"},
		{`telegram: {token: "1:a", chat_id: 7, api_url: localhost}`, "the url does not begin with http"},
		{`webhook: example.org/x`, "3:14: the url does not begin with http:// or https://"},
		{`webhook: {url: "http://h", method: DELETE}`, "DELETE"},
		{`webhook: {url: "http://h", headers: {"a b": c}}`, `"a b" is no header's name`},
		{`webhook: {url: "http://h", headers: {a: "x\r\nb: y"}}`, "line break"},
		{`webhook: {}`, "url"},
		{`alertmanager: localhost:9093`, "the url does not begin with http"},
		{`chat: ntyf://ntfy.sh/x`, `there is no chat service "ntyf"`},
		{`chat: "logger://"`, `there is no chat service "logger"`},
		{`chat: nonsense`, "the chat url cannot be read"},
		{`chat: "discord://nothing"`, "the discord url lacks"},
		{`command: []`, "argv is an empty list"},
		{`command: [""]`, "argv names no program"},
		{`email: {host: "smtp.example.org:25", from: a@b.c, to: [a@b.c]}`, "is not the name of a mail server"},
		{`email: {host: h, from: nobody, to: [a@b.c]}`, `"nobody" is not an e-mail address`},
		{`email: {host: h, from: a@b.c, to: [a@b.c, "x y"]}`, `3:47: "x y" is not an e-mail address`},
		{`email: {host: h, from: a@b.c, to: []}`, "to is an empty list"},
		{`email: {host: h, from: a@b.c, to: [a@b.c], tls: none, username: u}`, "a password is not sent to another machine without tls"},
		{`email: {host: h, from: a@b.c, to: [a@b.c], tls: ssl}`, "ssl"},
		{`email: {host: h, from: a@b.c, to: [a@b.c], password: p}`, "nobody it belongs to"},
	} {
		all := mistakes(t, c.route)
		if len(all) != 1 || !strings.Contains(all[0], c.want) {
			t.Errorf("%s\nis told\n%s\nwant %s", c.route, strings.Join(all, "\n"), c.want)
		}
	}
}

// No mistake shows a secret, and none is shown later either.
func TestSecretsStayHidden(t *testing.T) {
	for _, c := range []struct {
		route   string
		secrets []string
	}{
		{`telegram: {token: "123456:AAE-verysecret", chat_id: 7, api_url: x}`, []string{"123456:AAE-verysecret", "AAE-verysecret"}},
		{`chat: "slack://hook:WNA3PBYV6-F20DUQND3RQ-Webc4MAvoacrpPakR8phF0zi@webhook"`, []string{"WNA3PBYV6-F20DUQND3RQ-Webc4MAvoacrpPakR8phF0zi"}},
		{`chat: "discord://verysecrettoken@nothing-here/x/y"`, []string{"verysecrettoken"}},
		{`webhook: "http://user:verysecret@"`, []string{"verysecret"}},
		{`email: {host: h, from: x, to: [y], username: u, password: verysecret}`, []string{"verysecret"}},
	} {
		_, r := compile(t, c.route)
		for _, secret := range c.secrets {
			for _, d := range r.Diagnostics() {
				if strings.Contains(d.Message+d.Hint+d.Source, secret) {
					t.Errorf("%s is shown: %+v", secret, d)
				}
			}
			if shown := r.Secrets.Redact("x " + secret + " y"); strings.Contains(shown, secret) {
				t.Errorf("%s is not known as a secret", secret)
			}
		}
	}
}

func TestEveryKeyIsDocumented(t *testing.T) {
	docs := Docs()
	for _, k := range Kinds() {
		if k.Doc == "" {
			t.Errorf("%s has no doc", k.Name)
		}
		typ := reflect.TypeOf(k.Config)
		for i := range typ.NumField() {
			if key := k.Name + ".Config." + typ.Field(i).Name; docs[key] == "" {
				t.Errorf("%s is not documented", key)
			}
		}
		if k.Short != "" {
			found := false
			for i := range typ.NumField() {
				name, _, _ := strings.Cut(typ.Field(i).Tag.Get("yaml"), ",")
				found = found || name == k.Short
			}
			if !found {
				t.Errorf("%s: there is no key %s", k.Name, k.Short)
			}
		}
	}
}
