package cli

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settle = 250 * time.Millisecond // a file must rest this long: editors write in steps
	poll   = time.Second
)

// watch calls changed whenever the content of file is no longer what it was, and
// has settled, until ctx ends. hash is of the content that the caller knows. It
// watches the folder rather than the file, for renames, symlink swaps and files
// that come back after a deletion; and it looks at the file itself now and then,
// for what no event tells (network file systems, a symlink further away).
func watch(ctx context.Context, file string, hash [32]byte, changed func()) {
	w, err := fsnotify.NewWatcher()
	var events chan fsnotify.Event
	if err == nil {
		defer w.Close()
		for _, dir := range folders(file) {
			_ = w.Add(dir) // polling serves where this fails
		}
		events = w.Events
	}
	seen := fingerprint{}
	known, pending := hash, [32]byte{}
	timer := time.NewTimer(poll)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-events:
			timer.Reset(settle)
			continue
		case <-timer.C:
		}
		now := look(file)
		if now == seen && pending == [32]byte{} {
			timer.Reset(poll)
			continue
		}
		seen = now
		src, err := os.ReadFile(file)
		sum := sha256.Sum256(src)
		if err != nil {
			sum = [32]byte{1} // gone: once that has settled, it is said
		}
		switch {
		case sum == known:
			pending = [32]byte{}
			timer.Reset(poll)
		case sum != pending:
			pending = sum // look again: it may still be being written
			timer.Reset(settle)
		default:
			known, pending = sum, [32]byte{}
			changed()
			timer.Reset(poll)
		}
	}
}

// folders are those of the file and of what it links to.
func folders(file string) []string {
	dirs := []string{filepath.Dir(file)}
	if target, err := filepath.EvalSymlinks(file); err == nil && filepath.Dir(target) != dirs[0] {
		dirs = append(dirs, filepath.Dir(target))
	}
	return dirs
}

// fingerprint tells cheaply whether a file may have changed.
type fingerprint struct {
	modified time.Time
	size     int64
	file     any // device and inode
}

func look(file string) fingerprint {
	info, err := os.Stat(file)
	if err != nil {
		return fingerprint{}
	}
	return fingerprint{info.ModTime(), info.Size(), identity(info)}
}
