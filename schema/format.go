package schema

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// Format returns the text of a file in the one layout: what it says and how, its
// order, its comments and its lines stay; only the space between its tokens is
// new. What keeps it from being read as YAML is noted in r, and nil returned; what
// its values mean is not looked at.
//
// It works on the text. A [scanner] cuts that into tokens where the YAML library
// would, and finds the block maps and lists that they are in. A [printer] writes
// the tokens, each on the line that it was on. Neither has the last word: the two
// texts must be the same but for white space, and the library must read the same
// from both.
func Format(file string, src []byte, r *Reader) []byte {
	s := newSource(file, src)
	at := begin(s)
	if problem := tooLarge(src); problem != "" {
		r.Errorf(at, "", "%s", problem)
		return nil
	}
	if !r.readable(s) {
		return nil
	}
	root := r.parseYAML(s, "")
	if root == nil {
		return nil
	}
	before := meaningOf(root) // the tree itself takes memory that the second one needs
	out := printed(scanned(s))
	switch {
	case out == nil:
		r.Errorf(at, "", "the file is nested too deeply to be formatted: it would become more than %d times as large", maxGrowth)
	case !sameInk(s.text, string(out)), before != meaningOf(onlyDocument(string(out))):
		r.Errorf(at, "please report it, with the file", "the file cannot be formatted: that would change what it says")
		return nil
	}
	return out
}

// sameInk reports whether two texts are the same but for white space.
func sameInk(a, b string) bool {
	for {
		a, b = a[whiteLen(a):], b[whiteLen(b):]
		if a == "" || b == "" || a[0] != b[0] {
			return a == b
		}
		a, b = a[1:], b[1:]
	}
}

// whiteLen is the length of the white space that a text begins with.
func whiteLen(text string) (n int) {
	for n < len(text) {
		width := whiteAt(text, n)
		if width == 0 {
			break
		}
		n += width
	}
	return n
}

// onlyDocument is what the library reads from a text of one document, or nil.
func onlyDocument(text string) *yaml.Node {
	d := yaml.NewDecoder(strings.NewReader(text))
	var doc, second yaml.Node
	if decode(d, &doc) != nil || len(doc.Content) == 0 || !errors.Is(decode(d, &second), io.EOF) {
		return nil
	}
	return doc.Content[0]
}

// meaning is a sum of all that a text says, down to how each value is written.
type meaning [sha256.Size]byte

// meaningOf is that of a text which the library has read, nil of one that it has not.
func meaningOf(root *yaml.Node) (m meaning) {
	if root == nil {
		return m
	}
	h := sha256.New()
	var part []byte
	var add func(*yaml.Node)
	add = func(n *yaml.Node) {
		part = append(part[:0], byte(n.Kind), byte(n.Style))
		for _, text := range []string{n.Tag, n.Value, n.Anchor} {
			part = append(binary.AppendUvarint(part, uint64(len(text))), text...)
		}
		h.Write(binary.AppendUvarint(part, uint64(len(n.Content))))
		for _, c := range n.Content {
			add(c)
		}
	}
	add(root)
	h.Sum(m[:0])
	return m
}
