package command

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polyhealth/schema"
)

// readFile decodes and checks keys as the engine does.
func readFile(src string) (*Config, *schema.Reader) {
	r := schema.NewReader()
	doc := schema.Parse("checks.yaml", []byte(src), schema.Env{}, r)
	n := doc.Root.Get("command").Expand(Type.Short)
	c := Type.NewConfig().(*Config)
	if d := r.Decode(n, c); d.OK && len(d.Unset) == 0 {
		Type.Check(c, n, r)
	}
	return c, r
}

func TestCheck(t *testing.T) {
	cases := []struct{ name, src, want string }{
		{"short", "command: [check_load, -w, 5]\n", ""},
		{"all", "command: {argv: [a], env: {A: 5}, dir: /, user: nobody, stdin: x, max_output: 1MiB, format: nagios}\n", ""},
		{"shell", "command: {shell: 'true | false'}\n", ""},
		{"both", "command: {argv: [a], shell: b}\n", "argv and shell"},
		{"none", "command: {dir: /}\n", "argv or shell"},
		{"no program", "command: []\n", "1:10: argv names no program"},
		{"an empty program", "command: ['', a]\n", "1:11: argv names no program"},
		{"an empty shell", "command: {shell: ' '}\n", "1:18: shell is empty"},
		{"a line for argv", "command: {argv: df /}\n", "1:17: argv wants a list"},
		{"format", "command: {argv: [a], format: yaml}\n", "format is one of text, json, nagios"},
		{"variable's name", "command: {argv: [a], env: {A=B: c}}\n", `"A=B" cannot be the name of an environment variable`},
		{"NUL", "command: {argv: [a, \"b\\0\"]}\n", "1:17: a program cannot be given a NUL character"},
		{"sudo", "command: [sudo, df]\n", "1:11: what sudo runs cannot be ended at the timeout"},
		{"sudo by its path", "command: {argv: [/usr/bin/sudo, -n, df]}\n", "1:18: what sudo runs"},
		{"sudo in a shell", "command: {shell: sudo df | tail -1}\n", "1:18: what sudo runs"},
		{"sudo that ends by itself", "command: [sudo, -n, timeout, 5s, df]\n", ""},
		{"sudoku", "command: [echo, sudo]\n", ""},
		{"too much output", "command: {argv: [a], max_output: 65MiB}\n", "1:34: max_output is at most 64MiB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, r := readFile(c.src)
			var got []string
			for _, d := range r.Diagnostics() {
				got = append(got, fmt.Sprintf("%d:%d: %s", d.Line, d.Column, d.Message))
			}
			if len(got) > 1 || (len(got) == 0) != (c.want == "") || !strings.Contains(strings.Join(got, ""), c.want) {
				t.Errorf("the mistakes are %q, want one with %q", got, c.want)
			}
		})
	}
}

// TestShort: the short form is argv, with the other keys' defaults.
func TestShort(t *testing.T) {
	c, r := readFile("command: [check_load, -w, 5]\n")
	want := &Config{Argv: []string{"check_load", "-w", "5"}, MaxOutput: 64 << 10, Format: "text"}
	if diff := cmp.Diff(want, c); diff != "" || r.Failed() {
		t.Errorf("%s %v", diff, r.Diagnostics())
	}
}
