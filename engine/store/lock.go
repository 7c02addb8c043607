package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lockFile takes the lock beside a database, so that no two daemons ever write
// to one. The kernel lets go of it when the process ends, however it ends. The
// file itself stays: removing it would let two processes lock two files.
func lockFile(database string) (*os.File, error) {
	f, err := os.OpenFile(database+".lock", os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer f.Close()
		return nil, fmt.Errorf("%s is in use by another polyhealth%s", database, holder(f))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("cannot lock %s: %w", f.Name(), err)
	}
	_ = sign(f, 0) // where that cannot be written, the lock still holds
	return f, nil
}

// sign writes our pid into the lock's file, for people only, and for a moment so
// many bytes more.
func sign(f *os.File, more int) error {
	pid := fmt.Sprintln(os.Getpid())
	_, err := f.WriteAt([]byte(pid+strings.Repeat("\n", more)), 0)
	return errors.Join(err, f.Truncate(int64(len(pid))))
}

// holder is " (pid N)", as the lock's holder wrote it, or empty.
func holder(f *os.File) string {
	b := make([]byte, 20)
	n, _ := f.ReadAt(b, 0)
	if pid := strings.TrimSpace(string(b[:n])); pid != "" {
		return " (pid " + pid + ")"
	}
	return ""
}
