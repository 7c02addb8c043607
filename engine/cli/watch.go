package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"polyhealth/schema"

	"github.com/fsnotify/fsnotify"
)

const (
	settle = 250 * time.Millisecond // a file must rest this long: editors write in steps
	poll   = time.Second
)

// watch calls changed whenever the content of the files of a document, those of its
// ${file:…} among them, is no longer what is known of it, and has settled, until ctx
// ends. latest is the document as it was read last, by whomever: that is what is
// known. It watches the folders rather than the files, for renames, symlink swaps and
// files that come back after a deletion, or that are new and fit an include; and it
// looks at the files themselves now and then, for what no event tells (network file
// systems, a symlink further away).
func watch(ctx context.Context, latest func() *schema.Document, changed func()) {
	events := newEvents()
	defer events.close()
	var doc *schema.Document
	var seen []fingerprint
	var known, pending sum
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-events.c:
			timer.Reset(settle)
			continue
		case <-timer.C:
		}
		if now := latest(); now != doc {
			doc, seen, known = now, nil, sumOf(slices.Concat(now.Files, now.Values))
			events.follow(doc)
		}
		paths := pathsOf(doc)
		now := look(paths)
		if slices.Equal(now, seen) && pending == (sum{}) {
			timer.Reset(poll)
			continue
		}
		seen = now
		switch content := sumOf(readAll(paths)); {
		case content == known:
			pending = sum{}
			timer.Reset(poll)
		case content != pending:
			pending = content // look again: it may still be being written
			timer.Reset(settle)
		default:
			pending = sum{}
			changed()
			timer.Reset(poll)
		}
	}
}

// pathsOf are the files that a document would be read from now.
func pathsOf(doc *schema.Document) []string {
	var paths []string
	if file, err := filepath.Abs(doc.File); err == nil && !slices.Contains(doc.Includes, file) {
		paths = append(paths, file)
	}
	for _, value := range doc.Values {
		paths = append(paths, value.Path)
	}
	for _, include := range doc.Includes {
		files, err := schema.ListFiles(include)
		if err != nil {
			files = []string{include} // gone: once that has settled, it is said
		}
		paths = append(paths, files...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// sum is the content of all files together.
type sum [sha256.Size]byte

func sumOf(files []schema.File) sum {
	files = slices.SortedFunc(slices.Values(files), func(a, b schema.File) int { return cmp.Compare(a.Path, b.Path) })
	files = slices.CompactFunc(files, func(a, b schema.File) bool { return a.Path == b.Path })
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%q %x\n", f.Path, f.Sum)
	}
	return sum(h.Sum(nil))
}

// readAll reads the files that can be read, as far as a reload would.
func readAll(paths []string) (files []schema.File) {
	for _, path := range paths {
		if plain(path) != nil {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		h := sha256.New()
		n, err := io.Copy(h, io.LimitReader(f, schema.MaxFile+1))
		f.Close()
		switch {
		case err != nil:
		case n > schema.MaxFile: // a Document does not look at it either
			files = append(files, schema.File{Path: path})
		default:
			files = append(files, schema.File{Path: path, Sum: [sha256.Size]byte(h.Sum(nil))})
		}
	}
	return files
}

// events tell that something happens in the folders of some files.
type events struct {
	watcher *fsnotify.Watcher // nil where there is none to be had: looking serves
	c       chan fsnotify.Event
}

func newEvents() *events {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return &events{}
	}
	return &events{w, w.Events}
}

// follow watches the folders of a document's files and of what they link to.
func (e *events) follow(doc *schema.Document) {
	if e.watcher == nil {
		return
	}
	wanted := map[string]bool{}
	for _, path := range append(pathsOf(doc), doc.Includes...) {
		wanted[filepath.Dir(path)] = true
		if target, err := filepath.EvalSymlinks(path); err == nil {
			wanted[filepath.Dir(target)] = true
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			wanted[path] = true
		}
	}
	for _, dir := range e.watcher.WatchList() {
		if !wanted[dir] {
			_ = e.watcher.Remove(dir)
		}
		delete(wanted, dir)
	}
	for dir := range wanted {
		_ = e.watcher.Add(dir) // looking serves where this fails
	}
}

func (e *events) close() {
	if e.watcher != nil {
		e.watcher.Close()
	}
}

// fingerprint tells cheaply whether a file may have changed.
type fingerprint struct {
	path     string
	modified time.Time
	size     int64
	file     any // device and inode
}

func look(paths []string) []fingerprint {
	all := make([]fingerprint, len(paths))
	for i, path := range paths {
		all[i].path = path
		if info, err := os.Stat(path); err == nil {
			all[i] = fingerprint{path, info.ModTime(), info.Size(), identity(info)}
		}
	}
	return all
}
