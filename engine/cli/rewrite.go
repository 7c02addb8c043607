package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// rewrite gives a file another text, all of it or none: whoever reads it meanwhile,
// or after a loss of power, has the old one or the new one. It stays the file that
// it is, with its mode and owner, and with the symbolic links to it.
func rewrite(file string, text []byte) error {
	path, err := filepath.EvalSymlinks(file)
	if err == nil {
		err = replace(path, text)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", file, cause(err))
	}
	return nil
}

func replace(path string, text []byte) error {
	old, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !old.Mode().IsRegular() {
		return errors.New("it is not a plain file")
	}
	if err := mayWrite(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".polyhealth-fmt-*")
	if err != nil {
		return err
	}
	if err = liken(f, text, old); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// mayWrite is the error of whoever may write into a folder, but not to this file
// in it.
func mayWrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// liken makes a new file the like of an old one, with another text.
func liken(f *os.File, text []byte, like os.FileInfo) error {
	defer f.Close()
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := keepOwner(f, like); err != nil {
		return err
	}
	if err := f.Chmod(like.Mode()); err != nil { // a new owner has changed it
		return err
	}
	return f.Sync()
}

// keepOwner gives a new file the owner and group of an old one.
func keepOwner(f *os.File, like os.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	is, ok := info.Sys().(*syscall.Stat_t)
	was, known := like.Sys().(*syscall.Stat_t)
	if !ok || !known || is.Uid == was.Uid && is.Gid == was.Gid {
		return nil
	}
	if err := f.Chown(int(was.Uid), int(was.Gid)); err != nil {
		return fmt.Errorf("its owner cannot be kept: %w", cause(err))
	}
	return nil
}
