package schema

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// described has what a description tells apart.
type described struct {
	URL     string            `yaml:"url,required" example:"https://example.com"`
	Method  string            `yaml:"method" enum:"GET,POST"`
	Every   Duration          `yaml:"every"`
	MaxBody Size              `yaml:"max_body"`
	Retries int               `yaml:"retries" min:"0" max:"5"`
	Port    uint16            `yaml:"port"`
	Share   float64           `yaml:"share"`
	Follow  bool              `yaml:"follow"`
	Strict  bool              `yaml:"strict"`
	On      []string          `yaml:"on" enum:"a,b"`
	Limits  []int             `yaml:"limits" min:"1"`
	Headers map[string]string `yaml:"headers"`
	Columns map[string]string `yaml:"columns" enum:"int,text"`
	Token   Secret            `yaml:"token"`
	TLS     describedTLS      `yaml:"tls"`
	Proxy   *describedTLS     `yaml:"proxy"`
	Body    *Node             `yaml:"body"`
	Send    describedSend     `yaml:"send"`
	Unit    string            `yaml:"unit,oneof=unit"`
	Units   []string          `yaml:"units,oneof=unit"`
	describedBase
	internal int
}

type describedTLS struct {
	CA string `yaml:"ca,required"`
}

type describedBase struct {
	Tags []string `yaml:"tags"`
}

type describedSend struct{}

func (*describedSend) FromNode(*Node, *Reader) {}

func (describedSend) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string"}
}

func describedDefaults() described {
	d := described{
		Method: "GET", Every: Duration(90 * time.Second), MaxBody: 1 << 20, Retries: 2, Port: 443, Share: 0.5,
		Follow: true, On: []string{"a"}, TLS: describedTLS{CA: "/ca"},
	}
	d.internal = 1
	return d
}

func TestDescribe(t *testing.T) {
	docs := map[string]string{
		"schema.described.URL":    "URL of the target.",
		"schema.described.Method": "Method, GET by default.",
		"schema.described.Every":  "How often.",
		"schema.describedTLS.CA":  "CA is a file.",
	}
	var lines []string
	var tell func(indent string, keys []Key)
	tell = func(indent string, keys []Key) {
		for _, k := range keys {
			line := indent + k.Name + ": " + k.Kind
			for _, part := range []struct {
				is   bool
				text string
			}{
				{k.Required, " required"}, {k.Default != "", " default=" + k.Default}, {k.Enum != nil, " enum=" + strings.Join(k.Enum, "|")},
				{k.Example != "", " example=" + k.Example}, {k.OneOf != nil, " oneof=" + strings.Join(k.OneOf, "|")}, {k.Doc != "", " " + k.Doc},
			} {
				if part.is {
					line += part.text
				}
			}
			lines = append(lines, line)
			tell(indent+"  ", k.Keys)
		}
	}
	tell("", Describe(describedDefaults(), docs))
	want := `url: text required example=https://example.com url of the target.
method: text default=GET enum=GET|POST Method, GET by default.
every: duration default=90s How often.
max_body: size default=1MiB
retries: whole number default=2
port: whole number default=443
share: number default=0.5
follow: true or false default=true
strict: true or false default=false
on: list of text default=[a] enum=a|b
limits: list of whole number
headers: map of text
columns: map of text enum=int|text
token: text
tls: map
  ca: text required default=/ca ca is a file.
proxy: map
  ca: text required ca is a file.
body: any
send: described send
unit: text oneof=unit|units
units: list of text oneof=unit|units
tags: list of text`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTagsOfNothing: fields without a tag, and those of yaml:"-", are no keys.
func TestTagsOfNothing(t *testing.T) {
	type sparse struct {
		A string `yaml:"-"`
		B string
		c string
		D string `yaml:"d"`
	}
	if keys := Describe(sparse{c: "x"}, nil); len(keys) != 1 || keys[0].Name != "d" {
		t.Errorf("%+v", keys)
	}
	if got := infoOf(reflect.TypeFor[described]()).group("unit"); !reflect.DeepEqual(got, []string{"unit", "units"}) {
		t.Error(got)
	}
}
