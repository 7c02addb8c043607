package schema

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
)

// maxNoted is how many mistakes are kept. A file with more is not read to the
// end by anyone, and may have been made to fill the memory.
const maxNoted = 10_000

// A Document is a parsed file.
type Document struct {
	File string // as named by the user
	Dir  string // absolute folder of the file: what relative paths are relative to
	Root *Node  // never nil, always a Map; empty where Parse could not read the file

	Files    []File   // that it was read from, this one first
	Values   []File   // that ${file:…} and ${credential:…} were read from
	Includes []string // the absolute paths and patterns of all include keys
}

// A File is one file that a Document was read from.
type File struct {
	Name string // as the user would name it
	Path string // absolute
	Sum  [sha256.Size]byte
}

// A Reader gathers what is learned while a file is read: mistakes and secrets.
// It is not for concurrent use.
type Reader struct {
	Secrets *Secrets
	list    []Diagnostic
	errors  int
	structs map[reflect.Type]*structInfo
	names   map[string]bool // users of URLs without a password, as ://user@
	faulty  map[*Node]bool  // values with an Error
	beyond  *Node           // where only values without one are looked at; see Beyond
	exposed []Exposed
	unset   []string // of the Decode under way
	depth   int      // of Decodes under way

	lastNode   *Node // see spots
	lastSpots  []spot
	lastSource *source // see cursor
	lastCursor cursor
}

// NewReader returns a Reader that knows nothing yet.
func NewReader() *Reader {
	return &Reader{Secrets: &Secrets{}, structs: map[reflect.Type]*structInfo{}}
}

// Errorf notes a mistake at n. The hint may be empty. A mistake that only
// follows from one noted before, such as a missing variable's, is not told.
func (r *Reader) Errorf(n *Node, hint, format string, args ...any) {
	r.note(n, Error, hint, fmt.Sprintf(format, args...))
}

// Warnf notes what is legal and surely unmeant, at n.
func (r *Reader) Warnf(n *Node, hint, format string, args ...any) {
	r.note(n, Warning, hint, fmt.Sprintf(format, args...))
}

// ErrorIn notes a mistake within the scalar n: offset and width are in bytes of
// n.Value. The caret lands where those bytes stand in the source, or at the
// ${…} that they came from.
func (r *Reader) ErrorIn(n *Node, offset, width int, hint, format string, args ...any) {
	r.noteIn(n, Error, offset, width, hint, fmt.Sprintf(format, args...))
}

// WarnIn is Warnf of a part of the scalar n, as for ErrorIn.
func (r *Reader) WarnIn(n *Node, offset, width int, hint, format string, args ...any) {
	r.noteIn(n, Warning, offset, width, hint, fmt.Sprintf(format, args...))
}

func (r *Reader) noteIn(n *Node, s Severity, offset, width int, hint, message string) {
	if n == nil {
		n = &Node{}
	}
	from, to := n.inText(offset, offset+max(width, 1))
	if n.Value == "" {
		from, to = 0, len(n.text())
	}
	r.noteAt(n, s, from, to, hint, message)
}

// noteAt is noteIn of a part of n's text.
func (r *Reader) noteAt(n *Node, s Severity, from, to int, hint, message string) {
	if !r.wants(n, s) {
		return
	}
	d := Diagnostic{Severity: s, Path: n.Path, Message: message, Hint: hint}
	d.Line, d.Column, d.Width = r.place(n, from, to)
	r.add(d, n.src)
}

// At is a diagnostic at n of what is no mistake of the file, such as a test that
// fails. It is not kept.
func (r *Reader) At(n *Node, message string) Diagnostic {
	before := len(r.list)
	r.note(n, Error, "", message)
	r.errors--
	if len(r.list) == before {
		return Diagnostic{Line: 1, Column: 1, Width: 1, Severity: Error, Message: message}
	}
	d := r.list[before]
	r.list = r.list[:before]
	r.redact(&d)
	return d
}

// Beyond calls f, which looks for more mistakes below n. Those are not told that are
// at a value which has one already, or that ${NAME:-} left empty: f cannot know
// that it was not decoded.
func (r *Reader) Beyond(n *Node, f func()) {
	outer := r.beyond
	r.beyond = n
	defer func() { r.beyond = outer }()
	f()
}

// Hide makes a secret of a text that the reader cannot know by itself.
func (r *Reader) Hide(secret string) { r.Secrets.add(secret) }

// Failed reports whether an Error was noted.
func (r *Reader) Failed() bool { return r.errors > 0 }

// Diagnostics are all that was noted, in the order of the file, each once, with
// secrets redacted.
func (r *Reader) Diagnostics() []Diagnostic {
	type told struct {
		file          string
		line, column  int
		message, hint string
	}
	seen := make(map[told]bool, len(r.list))
	ds := make([]Diagnostic, 0, len(r.list))
	for _, d := range r.list {
		// The path does not count: aliases put one mistake at many.
		if t := (told{d.File, d.Line, d.Column, d.Message, d.Hint}); !seen[t] {
			seen[t] = true
			ds = append(ds, d)
		}
	}
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	for i := range ds {
		r.redact(&ds[i])
	}
	return ds
}

// wants reports whether a mistake at n is to be told, and counts it.
func (r *Reader) wants(n *Node, s Severity) bool {
	if r.beyond != nil && (r.faulty[n] || n.Unset != "" || n == r.beyond && n.emptied()) {
		return false
	}
	if s == Error {
		r.errors++
		if r.faulty == nil {
			r.faulty = map[*Node]bool{}
		}
		r.faulty[n] = true
	}
	return !n.broken && len(r.list) <= maxNoted
}

// emptied reports whether something below a map was left empty by ${NAME:-}.
func (n *Node) emptied() bool {
	for _, e := range n.Entries {
		if e.Value.Unset != "" || len(e.Value.unset()) > 0 {
			return true
		}
	}
	return false
}

func (r *Reader) note(n *Node, s Severity, hint, message string) {
	if n == nil {
		n = &Node{}
	}
	if r.wants(n, s) {
		r.add(Diagnostic{
			Line: n.Line, Column: n.Column, Width: r.extent(n), Severity: s, Path: n.Path,
			Message: message, Hint: hint,
		}, n.src)
	}
}

func (r *Reader) add(d Diagnostic, src *source) {
	if len(r.list) == maxNoted {
		d.Message, d.Hint = fmt.Sprintf("there are more than %d mistakes: the others are not shown", maxNoted), ""
	}
	if src != nil {
		d.File = src.file
		d.Source, d.caret = src.around(r.cursor(src, d.Line, d.Column))
	}
	d.Line, d.Column, d.Width = max(d.Line, 1), max(d.Column, 1), max(d.Width, 1)
	r.list = append(r.list, d)
}

// cursor is a source's cursor at a place. Where the place before was in the same
// line, it goes on from there, or back: a line may be the whole file.
func (r *Reader) cursor(src *source, line, column int) cursor {
	c := r.lastCursor
	if src.ascii || src != r.lastSource || int(c.line) != line || int(c.column) > 2*column {
		c = src.cursor(line, column)
	}
	for int(c.column) < column && !c.ends() {
		c.next()
	}
	for int(c.column) > column {
		c.back()
	}
	r.lastSource, r.lastCursor = src, c
	return c
}
