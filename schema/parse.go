package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// MaxFile is the size of the largest file that is read, in bytes. A caller need not
// hand over more than one byte beyond it.
const MaxFile = 64 << 20

const (
	maxParts   = 4_000_000 // lines, and parts of [ ] and { }: what takes memory to read
	maxDepth   = 100       // levels of lists and maps
	maxAliased = 1_000_000 // values that aliases may add to a file
)

// Parse reads a file's bytes. file is its name as the user gave it. What is wrong
// is noted in r; the Document then holds what could be read.
func Parse(file string, src []byte, env Env, r *Reader) *Document {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		dir = filepath.Dir(file)
	}
	a := &assembly{Reader: r, env: env, doc: &Document{File: file, Dir: dir}, base: filepath.Dir(file)}
	a.doc.Root = a.read(nil, file, dir, src)
	a.include(a.doc.Root.take(includeKey), dir)
	return a.doc
}

// ParsePlain reads the YAML file of another program: ${…} and include mean nothing
// in it, and it may have tags of its own.
func ParsePlain(file string, src []byte, r *Reader) *Document {
	a := &assembly{Reader: r, env: Env{plain: true}, doc: &Document{File: file}}
	a.doc.Root = a.read(nil, file, "", src)
	return a.doc
}

// read reads the bytes of one file, that an include names at some place. Where that is not to be had, the node stands
// for the file as a whole.
func (a *assembly) read(at *Node, file, dir string, src []byte) *Node {
	a.noteFile(at, file, src)
	if problem := tooLarge(src); problem != "" {
		n := begin(&source{file: file, dir: dir})
		a.Errorf(n, "", "%s", problem)
		n.broken = true
		return n
	}
	s := newSource(file, src)
	s.dir = dir
	if root := a.root(s, a.env, dir, &a.doc.Values); root != nil {
		return root
	}
	n := begin(s)
	n.broken = true
	return n
}

// tooLarge says why a file is too large to be read, or "".
func tooLarge(src []byte) string {
	if len(src) > MaxFile {
		return fmt.Sprintf("the file is larger than %d MiB", MaxFile>>20)
	}
	parts := 0
	for _, mark := range []string{"\n", ",", "[", "{"} {
		parts += bytes.Count(src, []byte(mark))
	}
	if parts > maxParts {
		return fmt.Sprintf("the file has more than %d million lines and parts of lists and maps", maxParts/1_000_000)
	}
	return ""
}

// begin is the place to cite for the file as a whole.
func begin(s *source) *Node { return &Node{Kind: Map, Line: 1, Column: 1, src: s} }

// root reads the map that a file is, or returns nil.
func (r *Reader) root(s *source, env Env, dir string, values *[]File) *Node {
	if !r.readable(s) {
		return nil
	}
	first, begin := "declare at least one check, under checks:", "begin with a key, such as checks:"
	if env.plain {
		first, begin = "", ""
	}
	y := r.parseYAML(s, first)
	if y == nil {
		return nil
	}
	// A few lines of aliases can stand for any number of values. What aliases add
	// is in proportion to what is written.
	c := &converter{Reader: r, src: s, env: env, dir: dir, values: values, budget: min(10_000+len(s.text), maxAliased)}
	n := c.convert(y, "", 0)
	if n.Kind != Map {
		r.Errorf(n, begin, "the file is a map of keys, found %s", r.Found(n))
		return nil
	}
	return n
}

// readable notes what no YAML can be.
func (r *Reader) readable(s *source) bool {
	for i := 0; i < len(s.text); i++ {
		if c := s.text[i]; c >= ' ' && c < 0x7F || c == '\n' || c == '\t' || c == '\r' {
			continue
		}
		char, size := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case char == utf8.RuneError && size == 1:
			r.unreadable(s, i, "save the file as UTF-8", "the file is not UTF-8 text")
			return false
		case char < ' ' || char >= 0x7F && char < 0xA0 && char != 0x85 || char == '\uFEFF' || char == '\uFFFE' || char == '\uFFFF':
			r.unreadable(s, i, fmt.Sprintf(`take it out; within double quotes it is written \u%04X`, char),
				"the file holds the control character U+%04X", char)
			return false
		}
		i += size - 1
	}
	return true
}

func (r *Reader) unreadable(s *source, at int, hint, format string, args ...any) {
	n := begin(s)
	n.Line, n.Column = s.lineAt(at)
	r.hideLine(s.line(n.Line))
	r.Errorf(n, hint, format, args...)
}

// parseYAML reads the one document of a file, or returns nil. first is a hint for
// an empty one.
func (r *Reader) parseYAML(s *source, first string) *yaml.Node {
	at := begin(s)
	reader := strings.NewReader(s.text)
	decoder := yaml.NewDecoder(reader)
	var doc, second yaml.Node
	err := decode(decoder, &doc)
	switch {
	case errors.Is(err, io.EOF), err == nil && (len(doc.Content) == 0 || isEmpty(doc.Content[0])):
		r.Errorf(at, first, "the file is empty")
		return nil
	case err != nil:
		r.syntax(s, err, len(s.text)-reader.Len())
		return nil
	}
	err = decode(decoder, &second)
	if errors.Is(err, io.EOF) {
		return doc.Content[0]
	}
	if line := secondDocument(s, doc.Content[0].Line); line > 0 {
		at.Line = line
		r.Errorf(at, "keep one document a file", "a second document begins here")
	} else if err != nil {
		r.syntax(s, err, len(s.text)-reader.Len())
	} else {
		at.Line = max(second.Line, 1)
		r.Errorf(at, "keep one document a file", "a second document begins here")
	}
	return nil
}

func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Value == "" && n.Anchor == ""
}

// secondDocument is the line of the first --- below a line, or 0.
func secondDocument(s *source, below int) int {
	for i := below + 1; i <= len(s.starts); i++ {
		line := s.text[s.starts[i-1]:]
		if strings.HasPrefix(line, "---") && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0) {
			return i
		}
	}
	return 0
}

// decode reads one document. yaml.v3 panics on some inputs.
func decode(d *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: the parser gave up: %v", p)
		}
	}()
	return d.Decode(into)
}

// parseError is the error of a text, or "".
func parseError(text string) string {
	d := yaml.NewDecoder(strings.NewReader(text))
	for range 2 {
		var n yaml.Node
		if err := decode(d, &n); errors.Is(err, io.EOF) {
			return ""
		} else if err != nil {
			return err.Error()
		}
	}
	return ""
}
