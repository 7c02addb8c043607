package schema

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// interpolate replaces every ${…} and $$ of a scalar. What was not in the file
// becomes a secret.
func (c *converter) interpolate(n *Node) {
	text := n.Value
	n.raw = &origin{text: text}
	failed := c.errors
	var out strings.Builder
	unset, other := "", false
	for i := 0; i < len(text); {
		next := strings.IndexByte(text[i:], '$')
		if next < 0 || i+next == len(text)-1 {
			out.WriteString(text[i:])
			other = true
			break
		}
		other = other || next > 0
		out.WriteString(text[i : i+next])
		i += next
		part := segment{from: out.Len(), at: i}
		switch text[i+1] {
		case '$':
			out.WriteByte('$')
			i, other = i+2, true
		case '{':
			value, empty, end := c.replace(n, i)
			out.WriteString(value)
			if unset == "" {
				unset = empty
			}
			i, other = end, other || value != ""
		default:
			out.WriteByte('$')
			i, other = i+1, true
			continue
		}
		part.to, part.end = out.Len(), i
		n.raw.segments = append(n.raw.segments, part)
	}
	n.Value = out.String()
	if !other {
		n.Unset = unset
	}
	n.broken = n.broken || c.errors > failed
}

// replace is the value of the ${…} at a place of the scalar's text, and where
// that ends. empty names the variable that left it empty, if one did.
func (c *converter) replace(n *Node, at int) (value, empty string, end int) {
	text := n.raw.text
	length := strings.IndexByte(text[at:], '}')
	if length < 0 {
		c.noteAt(n, Error, at, at+2, "close it, or write $${ for the two characters themselves", "${ is not closed by }")
		return "", "", len(text)
	}
	end = at + length + 1
	value, empty, wrong := c.lookUp(n, text[at+2:end-1])
	if wrong != nil {
		c.noteAt(n, Error, at, end, wrong.hint, wrong.message)
	}
	return value, empty, end
}

// mistake is what is wrong with one ${…}.
type mistake struct{ message, hint string }

func (c *converter) lookUp(n *Node, expr string) (value, empty string, wrong *mistake) {
	name, fallback, hasDefault := strings.Cut(expr, ":-")
	switch {
	case variableName.MatchString(name):
		return c.variable(n, name, fallback, hasDefault)
	case strings.HasPrefix(expr, "file:"):
		return c.file(n, strings.TrimPrefix(expr, "file:"))
	case strings.HasPrefix(expr, "credential:"):
		return c.credential(n, strings.TrimPrefix(expr, "credential:"))
	}
	return "", "", &mistake{
		c.quote("${"+expr+"}") + " names no variable",
		"write ${NAME}, ${NAME:-default}, ${file:/path} or ${credential:name}; $$ is a dollar sign",
	}
}

func (c *converter) variable(n *Node, name, fallback string, hasDefault bool) (value, empty string, wrong *mistake) {
	set := false
	if c.env.Lookup != nil {
		value, set = c.env.Lookup(name)
	}
	switch {
	case strings.Contains(fallback, "${"):
		return "", "", &mistake{"a default cannot hold another ${…}", "write the default itself, or set " + name}
	case strings.Contains(fallback, "{"):
		return "", "", &mistake{"a default cannot hold { or }", "set " + name + ", or read the text by ${file:/path}"}
	case value != "":
		c.secret(n, value)
	case hasDefault:
		value = strings.ReplaceAll(fallback, "$$", "$")
	case !set:
		return "", "", &mistake{
			"the environment variable " + name + " is not set", "set it, or give a default: ${" + name + ":-…}",
		}
	}
	if value == "" {
		empty = name
	}
	return value, empty, nil
}

func (c *converter) file(n *Node, path string) (string, string, *mistake) {
	if path == "" {
		return "", "", &mistake{"${file:} names no file", "write ${file:/path}"}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, path)
	}
	return c.content(n, path, "")
}

func (c *converter) credential(n *Node, name string) (string, string, *mistake) {
	switch {
	case name == "" || name != filepath.Base(name) || name == "." || name == "..":
		return "", "", &mistake{c.quote(name) + " is not a credential's name", "write ${credential:name}, as in LoadCredential=name:…"}
	case c.env.Credentials == "":
		return "", "", &mistake{
			"there are no credentials: $CREDENTIALS_DIRECTORY is not set",
			"run as a systemd service with LoadCredential=" + name + ":…",
		}
	}
	return c.content(n, filepath.Join(c.env.Credentials, name), "add LoadCredential="+name+":… to the service")
}

// content is a file's text without the newline at its end.
func (c *converter) content(n *Node, path, hint string) (value, empty string, wrong *mistake) {
	if c.env.ReadFile == nil {
		return "", "", &mistake{"cannot read " + path + " here", ""}
	}
	b, err := c.env.ReadFile(path)
	if c.values != nil && err == nil {
		*c.values = append(*c.values, File{Path: path, Sum: sha256.Sum256(b)})
	}
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if err != nil {
		return "", "", &mistake{"cannot read " + path + ": " + err.Error(), hint}
	}
	value = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return "", "", &mistake{path + " is not UTF-8 text", ""}
	}
	c.secret(n, value)
	if value == "" {
		empty = path
	}
	return value, empty, nil
}

func (c *converter) secret(n *Node, value string) {
	n.Secret = true
	c.Secrets.add(value)
}
