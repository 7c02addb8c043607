package command

import (
	"maps"
	"path"
	"slices"
	"strings"

	"polyhealth/schema"
)

// check notes what is wrong with decoded keys. n may be nil. What was missing or
// mistyped has been noted before.
func check(c *Config, n *schema.Node, r *schema.Reader) {
	noNUL := func(text string, keys ...string) {
		if strings.ContainsRune(text, 0) {
			r.Errorf(n.Near(keys...), "", "a program cannot be given a NUL character")
		}
	}
	if at := n.Get("argv"); at != nil && at.Kind == schema.List {
		switch {
		case len(at.Items) == 0:
			r.Errorf(at, "write it as [program, argument]", "argv names no program")
		case len(c.Argv) > 0 && c.Argv[0] == "" && at.Items[0].Unset == "":
			r.Errorf(at.Items[0], "", "argv names no program")
		}
	}
	if at := n.Get("shell"); at != nil && at.Unset == "" && strings.TrimSpace(c.Shell) == "" {
		r.Errorf(at, "", "shell is empty")
	}
	warnOfSudo(c, n, r)
	if c.MaxOutput > 64<<20 {
		r.Errorf(n.Near("max_output"), "", "max_output is at most 64MiB")
	}
	noNUL(strings.Join(c.Argv, " "), "argv")
	noNUL(c.Shell, "shell")
	noNUL(c.Dir, "dir")
	noNUL(c.User, "user")
	for _, name := range slices.Sorted(maps.Keys(c.Env)) {
		noNUL(name+c.Env[name], "env", name)
		if name == "" || strings.Contains(name, "=") {
			r.Errorf(n.Near("env", name), "", "%q cannot be the name of an environment variable", name)
		}
	}
}

// warnOfSudo notes a program that runs as root, and so is out of our reach unless
// we are root too, and does not end itself in time.
func warnOfSudo(c *Config, n *schema.Node, r *schema.Reader) {
	words, at := c.Argv, n.Near("argv")
	if at != nil && len(at.Items) > 0 {
		at = at.Items[0]
	}
	if c.Shell != "" {
		words, at = strings.Fields(c.Shell), n.Near("shell")
	}
	if len(words) > 0 && path.Base(words[0]) == "sudo" && !slices.Contains(words, "timeout") {
		r.Warnf(at, "let it end by itself: sudo -n timeout 5s …",
			"what sudo runs cannot be ended at the timeout, unless polyhealth runs as root")
	}
}
