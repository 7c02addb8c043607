package schema

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// includeKey is the one top-level key that this package knows: the files that a
// file includes.
const includeKey = "include"

const maxIncluded = 10_000 // files

// An assembly makes one document of a file and of those that it includes.
type assembly struct {
	*Reader
	env   Env
	doc   *Document
	base  string  // the folder doc.Dir, as the user names it
	from  []*Node // the include that each of doc.Files came from, nil for the first
	total int     // bytes read
	full  bool    // and that there are too many was told
	// places are where the keys of the document's maps are, once it is joined to.
	places map[*Node]map[string]int
}

// ParseFolder reads all files of a folder, those that end in .yaml or .yml, as if
// an empty file included it.
func ParseFolder(folder string, env Env, r *Reader) *Document {
	dir, err := filepath.Abs(folder)
	if err != nil {
		dir = folder
	}
	at := begin(&source{file: folder, dir: dir})
	a := &assembly{Reader: r, env: env, doc: &Document{File: folder, Dir: dir, Root: at}, base: folder}
	a.includeAll(at, dir)
	if len(a.doc.Files) == 0 && !r.Failed() {
		a.Errorf(at, "a folder's files are those that end in .yaml or .yml", "the folder holds no file to read")
		at.broken = true
	}
	return a.doc
}

// include joins to the document what an include key names, file by file, and what
// those include in turn. What the files say is put together: maps entry by entry,
// lists one behind the other; what is said twice is a mistake.
func (a *assembly) include(n *Node, dir string) {
	if n == nil {
		return
	}
	items := []*Node{n}
	if n.Kind == List {
		items = n.Items
	}
	for _, item := range items {
		if item.Kind != String || item.Value == "" {
			a.Errorf(item, "such as include: checks.d/*.yaml", "include wants the path of a file or folder, found %s", a.Found(item))
			continue
		}
		a.includeAll(item, absolute(item.Value, dir))
	}
}

// includeAll includes the files that one path names.
func (a *assembly) includeAll(at *Node, path string) {
	a.doc.Includes = append(a.doc.Includes, path)
	if a.env.List == nil {
		a.Errorf(at, "", "nothing can be included here")
		return
	}
	files, err := a.env.List(path)
	if err != nil {
		a.Errorf(at, "", "cannot include %s: %s", a.quote(at.Value), reason(err))
		return
	}
	if len(files) == 0 && at.Value != "" { // of a folder as a whole ParseFolder says more
		a.Warnf(at, "a folder's files are those that end in .yaml or .yml", "%s names no file", a.quote(at.Value))
	}
	for _, file := range files {
		a.includeOne(at, file)
	}
}

func (a *assembly) includeOne(at *Node, file string) {
	if i := slices.IndexFunc(a.doc.Files, func(f File) bool { return f.Path == file }); i >= 0 {
		hint := "a file cannot include itself"
		if first := a.from[i]; first != nil {
			hint = "it is included at " + first.Where()
		}
		a.Errorf(at, hint, "%s is read already", a.shown(file))
		return
	}
	src, err := a.env.ReadIncluded(file)
	if err != nil {
		a.Errorf(at, "", "cannot include %s: %s", a.shown(file), reason(err))
		return
	}
	if a.total+len(src) > MaxFile || len(a.doc.Files) >= maxIncluded {
		if !a.full {
			a.Errorf(at, "", "the files together are larger than %d MiB, or more than %d", MaxFile>>20, maxIncluded)
		}
		a.full = true
		return
	}
	dir := filepath.Dir(file)
	root := a.read(at, a.shown(file), dir, src)
	more := root.take(includeKey)
	a.join(a.doc.Root, root, 0)
	a.include(more, dir)
}

// noteFile remembers that a file was read, and which include named it.
func (a *assembly) noteFile(at *Node, file string, src []byte) {
	path, err := filepath.Abs(file)
	if err != nil {
		path = file
	}
	a.total += len(src)
	a.from = append(a.from, at)
	f := File{Name: file, Path: path}
	if len(src) <= MaxFile { // else it is not looked at at all
		f.Sum = sha256.Sum256(src)
	}
	a.doc.Files = append(a.doc.Files, f)
}

// shown is how messages name a file: as the user would who named the first.
func (a *assembly) shown(file string) string {
	if relative, err := filepath.Rel(a.doc.Dir, file); err == nil && !filepath.IsAbs(a.base) {
		return filepath.Join(a.base, relative)
	}
	return file
}

// join adds a file's map to the document's: at level 0 its top-level keys, at
// level 1 what is below them.
func (a *assembly) join(to, from *Node, level int) {
	for _, e := range from.Entries {
		there := a.find(to, e.Key.Value)
		switch {
		case there == nil:
			a.places[to][e.Key.Value] = len(to.Entries)
			to.Entries = append(to.Entries, e)
		case level == 0 && there.Value.Kind == Map && e.Value.Kind == Map:
			a.join(there.Value, e.Value, 1)
		case level == 0 && there.Value.Kind == List && e.Value.Kind == List:
			there.Value.Items = append(there.Value.Items, e.Value.Items...)
		case level == 0 && there.Value.isScalar() && there.Value.Same(e.Value):
		default:
			a.Errorf(e.Key, "the first is at "+there.Key.Where(), "the key %s is given twice", a.quote(e.Key.Value))
			to.Again = append(to.Again, e)
		}
	}
	to.Again = append(to.Again, from.Again...)
}

// find is the entry of a map with a key, or nil.
func (a *assembly) find(n *Node, key string) *Entry {
	if a.places == nil {
		a.places = map[*Node]map[string]int{}
	}
	places := a.places[n]
	if places == nil {
		places = make(map[string]int, len(n.Entries))
		for i, e := range n.Entries {
			places[e.Key.Value] = i
		}
		a.places[n] = places
	}
	if i, ok := places[key]; ok {
		return &n.Entries[i]
	}
	return nil
}

// take removes a key from a map and returns its value, or nil.
func (n *Node) take(key string) (value *Node) {
	n.Entries = slices.DeleteFunc(n.Entries, func(e Entry) bool {
		if e.Key.Value == key {
			value = e.Value
		}
		return e.Key.Value == key
	})
	return value
}

// Where is a place in words, for a hint.
func (n *Node) Where() string {
	if n.src == nil {
		return fmt.Sprintf("line %d", n.Line)
	}
	return fmt.Sprintf("%s:%d", n.src.file, n.Line)
}

func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// reason is an error without the operation and path of the file system.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// ListFiles is the plain files that a path names, in the order of their names: one
// file; of a folder those that end in .yaml or .yml; or those that fit a pattern,
// see [filepath.Match]. Hidden files are left out, unless named.
func ListFiles(path string) ([]string, error) {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return []string{path}, nil
		}
		var files []string
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			some, err := plainFiles(filepath.Join(escaped.Replace(path), pattern))
			if err != nil {
				return nil, err
			}
			files = append(files, some...)
		}
		slices.SortFunc(files, cmp.Compare[string])
		return files, nil
	} else if !strings.ContainsAny(path, "*?[") {
		return nil, err
	}
	return plainFiles(path)
}

// escaped makes a pattern of a path that is none.
var escaped = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

func plainFiles(pattern string) ([]string, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, errors.New("the pattern cannot be read: a [ is not closed")
	}
	return slices.DeleteFunc(files, func(file string) bool {
		info, err := os.Stat(file)
		return strings.HasPrefix(filepath.Base(file), ".") || err != nil || info.IsDir()
	}), nil
}
