package server

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// maxSocketPath is what the kernel takes for the path of a unix socket, in bytes.
const maxSocketPath = 107

// ListenAdmin makes the unix socket at path. Only its owner can connect, from
// the first moment on: it appears at path by a rename, with its mode set. A
// socket that a dead process left there is replaced; a living one, and anything
// that is not a socket, is an error. Closing the listener removes the socket.
func ListenAdmin(path string) (net.Listener, error) {
	l, err := listenAdmin(path)
	if err != nil {
		return nil, fmt.Errorf("cannot make the admin socket %s: %w", path, err)
	}
	return l, nil
}

func listenAdmin(path string) (net.Listener, error) {
	if err := vacant(path); err != nil {
		return nil, err
	}
	dir, err := privateDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer os.Remove(dir)
	hidden := filepath.Join(dir, "s")
	if len(hidden) > maxSocketPath {
		return nil, fmt.Errorf("the path is too long: about 100 bytes are possible, it has %d", len(path))
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: hidden, Net: "unix"})
	if err != nil {
		return nil, errors.New(because(err))
	}
	l.SetUnlinkOnClose(false) // it is about to be renamed
	info, err := publish(hidden, path)
	if err != nil {
		_ = l.Close()
		_ = os.Remove(hidden)
		return nil, err
	}
	return &adminListener{UnixListener: l, path: path, info: info}, nil
}

// vacant reports why path cannot be taken, or nil.
func vacant(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return cause(err)
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("something that is not a socket is there already")
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	switch {
	case err == nil:
		_ = conn.Close()
		return errors.New("another polyhealth is running and answers there")
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return nil // nobody listens any more
	}
	return fmt.Errorf("a socket is there already, and whether it is in use cannot be told: %s", because(err))
}

// privateDir makes a folder in parent that nobody else can enter. Its name is
// short because a socket's path must be.
func privateDir(parent string) (string, error) {
	for {
		dir := filepath.Join(parent, ".a"+strconv.FormatUint(rand.Uint64N(36*36*36), 36))
		err := os.Mkdir(dir, 0o700)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return dir, cause(err)
		}
	}
}

// publish moves the socket to where it belongs, its mode set before.
func publish(hidden, path string) (fs.FileInfo, error) {
	if err := os.Chmod(hidden, 0o600); err != nil {
		return nil, cause(err)
	}
	info, err := os.Lstat(hidden)
	if err != nil {
		return nil, cause(err)
	}
	return info, cause(os.Rename(hidden, path))
}

// cause is a file's error without the operation and the path.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	if l := (*os.LinkError)(nil); errors.As(err, &l) {
		return l.Err
	}
	return err
}

// adminListener removes its socket when it is closed, unless another has taken
// its place.
type adminListener struct {
	*net.UnixListener
	path string
	info fs.FileInfo
	once sync.Once
}

func (l *adminListener) Close() error {
	err := l.UnixListener.Close()
	l.once.Do(func() {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.info) {
			_ = os.Remove(l.path)
		}
	})
	return err
}
