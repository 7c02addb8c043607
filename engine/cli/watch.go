package cli

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"time"

	"polyhealth/schema"

	"github.com/fsnotify/fsnotify"
)

const (
	settle = 250 * time.Millisecond // a file must rest this long: editors write in steps
	poll   = time.Second
)

// watch calls changed whenever the content of file is no longer what is known of it,
// and has settled, until ctx ends. What changed has read is known from then on, and
// so is what anybody else has made known. It watches the folder rather than the file,
// for renames, symlink swaps and files that come back after a deletion; and it looks
// at the file itself now and then, for what no event tells (network file systems, a
// symlink further away).
func watch(ctx context.Context, file string, known func() [32]byte, changed func()) {
	w, err := fsnotify.NewWatcher()
	var events chan fsnotify.Event
	if err == nil {
		defer w.Close()
		for _, dir := range folders(file) {
			_ = w.Add(dir) // polling serves where this fails
		}
		events = w.Events
	}
	seen, compared := fingerprint{}, [32]byte{}
	pending := [32]byte{}
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
		now, with := look(file), known()
		if now == seen && with == compared && pending == [32]byte{} {
			timer.Reset(poll)
			continue
		}
		seen, compared = now, with
		sum := hash(file)
		switch {
		case sum == with:
			pending = [32]byte{}
			timer.Reset(poll)
		case sum != pending:
			pending = sum // look again: it may still be being written
			timer.Reset(settle)
		default:
			pending = [32]byte{}
			changed()
			timer.Reset(poll)
		}
	}
}

// gone is the hash of a file that cannot be read. That is said, too, once it has
// settled.
var gone = [32]byte{1}

// hash is of what a reload would read.
func hash(file string) (sum [32]byte) {
	if plain(file) != nil {
		return gone
	}
	f, err := os.Open(file)
	if err != nil {
		return gone
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, schema.MaxFile+1)); err != nil {
		return gone
	}
	h.Sum(sum[:0])
	return sum
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
