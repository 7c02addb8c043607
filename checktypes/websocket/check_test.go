package websocket

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	const url = "url: wss://stream.example.org/ws\n"
	cases := []struct{ name, src, want string }{
		{"least", url, ""},
		{"all", url + "headers: {X-A: b}\nsubprotocols: [a, b]\nsend: hello\nreceive: 3\nmode: stream\nmax_message: 4MiB\ntls: {ca: x.pem}\n", ""},
		{"no url", "receive: 1\n", "1:1: the file needs url"},
		{"https", "url: https://example.org\n", "1:6: the url begins with https://, not with ws:// or wss://"},
		{"no scheme", "url: example.org/ws\n", "1:6: the url does not begin with ws:// or wss://"},
		{"no host", "url: ws:///x\n", "1:6: the url names no host"},
		{"mode", url + "mode: both\n", "2:7: "},
		{"receive", url + "receive: -1\n", "2:10: "},
		{"made header", url + "headers: {Upgrade: websocket}\n", "2:20: the header Upgrade is made by the request itself"},
		{"two ways", "url: ws://me:pw@x\nheaders: {authorization: x}\n", "2:10: a user in the url and an Authorization header both say who asks"},
		{"subprotocol", url + "subprotocols: [a, 'b c']\n", `2:15: "b c" is no subprotocol's name`},
		{"subprotocol twice", url + "subprotocols: [a, A]\n", `2:15: "A" is no subprotocol's name, or is there twice`},
		{"send null", url + "send: [a, null]\n", "2:11: a message to send is a text or a map, not null"},
		{"half a pair", url + "tls: {cert: a.pem}\n", "2:13: tls.cert needs tls.key"},
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

func TestSend(t *testing.T) {
	cases := []struct {
		src  string
		want Messages
	}{
		{"send: hello", Messages{"hello"}},
		{`send: ""`, Messages{""}},
		{"send: 5", Messages{"5"}},
		{"send: [a, '', b]", Messages{"a", "", "b"}},
		{"send: {type: subscribe, ids: [1, 2.50, 0x10, -3], all: true, none: null, deep: {q: 'a \"<b>\"'}}",
			Messages{`{"type":"subscribe","ids":[1,2.50,16,-3],"all":true,"none":null,"deep":{"q":"a \"<b>\""}}`}},
		{"send: [{a: 1}, text, [1, 2]]", Messages{`{"a":1}`, "text", "[1,2]"}},
		{"send: {é: 5e-3, yes: True, big: 12345678901234567890, not: .inf}",
			Messages{`{"é":5e-3,"yes":true,"big":12345678901234567890,"not":".inf"}`}},
	}
	for _, c := range cases {
		config, r := read("url: ws://x\n" + c.src + "\n")
		if r.Failed() {
			t.Errorf("%s: %v", c.src, r.Diagnostics())
		}
		if d := cmp.Diff(c.want, config.Send); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.src, d)
		}
	}
}
