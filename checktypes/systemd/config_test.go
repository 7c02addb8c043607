package systemd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"polyhealth/schema"
)

// TestCheck reads keys as the file has them, and wants each mistake at its place.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		keys string // below `systemd:`
		want []string
	}{
		{"unit: nginx", nil},
		{"units: [nginx, app-*.timer]", nil},
		{"{unit: nginx, scope: user}", nil},
		{"unit: /home", []string{`1:7 "/home" is a path, not the name of a unit`}},
		{"units: [nginx, 'a b', getty@]", []string{`1:16 "a b" is not the name of a unit`, `1:23 "getty@" is a template, which never runs itself`}},
		{"units: [nginx, nginx.service]", []string{"1:16 nginx.service is listed twice, and counts once"}},
		{"unit: ''", []string{"1:7 unit is empty"}},
		{"units: []", []string{"1:8 units is empty"}},
		{"units: ['']", []string{"1:9 a unit's name is empty"}},
		{"units: ['${UNSET:-}']", nil}, // the engine does not probe it
		{"unit: ${UNSET:-}", nil},
	} {
		r := schema.NewReader()
		env := schema.Env{Lookup: func(string) (string, bool) { return "", false }}
		doc := schema.Parse("f.yaml", []byte(c.keys), env, r)
		config := Type.NewConfig().(*Config)
		r.Decode(doc.Root, config)
		Type.Check(config, doc.Root, r)
		var got []string
		for _, d := range r.Diagnostics() {
			got = append(got, fmt.Sprintf("%d:%d %s", d.Line, d.Column, d.Message))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n  got  %s\n  want %s", c.keys, strings.Join(got, "\n       "), strings.Join(c.want, "\n       "))
		}
	}
}

func TestDefaults(t *testing.T) {
	if c := Type.Config.(Config); c.Scope != system {
		t.Errorf("the scope is %q where the file is silent", c.Scope)
	}
}
