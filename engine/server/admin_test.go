package server

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"polyhealth/engine"
)

// socketDir is a folder with a short path, which a socket needs.
func socketDir(t testing.TB) string {
	dir, err := os.MkdirTemp("", "ph")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func serveAdmin(t testing.TB, view View, from Sources) (s *Server, path string) {
	t.Helper()
	path = filepath.Join(socketDir(t), "admin.sock")
	l, err := ListenAdmin(path)
	if err != nil {
		t.Fatal(err)
	}
	s = New(view, from)
	s.ServeAdmin(l)
	t.Cleanup(func() { shutdown(t, s) })
	return s, path
}

func dialUnix(t testing.TB, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn
}

// The socket is nobody else's at any moment, even with an umask that hides
// nothing: whoever watches the folder never sees another mode.
func TestAdminSocketIsPrivateFromTheFirstMoment(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := socketDir(t)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "admin.sock")
	stop := make(chan struct{})
	var watching sync.WaitGroup
	seen := 0
	watching.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			entries, _ := os.ReadDir(dir)
			for _, e := range entries {
				info, err := e.Info()
				if err != nil {
					continue
				}
				seen++
				if info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s was seen with the mode %v", e.Name(), info.Mode())
				}
			}
		}
	})
	for range 200 {
		l, err := ListenAdmin(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Fatalf("the socket is %v: %v", info, err)
		}
		l.Close()
	}
	close(stop)
	watching.Wait()
	if seen == 0 {
		t.Error("the folder was not watched")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
}

func TestAdminSocketTakesItsPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		err  string // part of it; empty where it works
	}{
		{"nothing is there", func(*testing.T, string) {}, ""},
		{"a dead daemon's socket", func(t *testing.T, path string) {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err != nil {
				t.Fatal(err)
			}
			l.SetUnlinkOnClose(false)
			l.Close()
		}, ""},
		{"a living daemon's socket", func(t *testing.T, path string) {
			l, err := ListenAdmin(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
		}, "another polyhealth is running"},
		{"a file", func(t *testing.T, path string) { os.WriteFile(path, []byte("precious"), 0o600) }, "not a socket"},
		{"a folder", func(t *testing.T, path string) { os.Mkdir(path, 0o700) }, "not a socket"},
		{"a link to a file", func(t *testing.T, path string) { os.Symlink("/etc/passwd", path) }, "not a socket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(socketDir(t), "admin.sock")
			c.make(t, path)
			before, _ := os.Lstat(path)
			l, err := ListenAdmin(path)
			if c.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				dialUnix(t, path)
				l.Close()
				if _, err := os.Lstat(path); err == nil {
					t.Error("the socket is still there after Close")
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), path) {
				t.Fatalf("the error is %v", err)
			}
			if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
				t.Errorf("what was there is gone: %v", err)
			}
		})
	}
}

func TestAdminSocketOfAnotherIsLeft(t *testing.T) {
	path := filepath.Join(socketDir(t), "admin.sock")
	first, err := ListenAdmin(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(path)
	second, err := ListenAdmin(path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	first.Close()
	dialUnix(t, path)
}

func TestAdminSocketWhereItCannotBe(t *testing.T) {
	dir := socketDir(t)
	for path, want := range map[string]string{
		filepath.Join(dir, "missing", "admin.sock"):                 "no such file or directory",
		filepath.Join(dir, strings.Repeat("x", 120), "a.sock"):      "no such file or directory",
		filepath.Join(longFolder(t, dir), "admin.sock"):             "too long",
		filepath.Join("/proc", "admin.sock"):                        "",
		filepath.Join(dir, "admin.sock", "below-what-is-no-folder"): "",
	} {
		l, err := ListenAdmin(path)
		if err == nil {
			l.Close()
			t.Errorf("a socket was made at %s", path)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ".a") && strings.Count(err.Error(), path) != 1 {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
	if path := filepath.Join(dir, strings.Repeat("y", 98-len(dir)-1)); len(path) != 98 {
		t.Fatal(len(path))
	} else if os.Mkdir(path, 0o700) == nil {
		l, err := ListenAdmin(filepath.Join(path, "s")) // 100 bytes, which the file may say
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}

func longFolder(t *testing.T, dir string) string {
	long := filepath.Join(dir, strings.Repeat("z", 100))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	return long
}

// Questions are answered on the admin socket too, and shutting down removes it.
func TestAdminSocketAnswers(t *testing.T) {
	s, path := serveAdmin(t, newFakeView(component("a", engine.Healthy)), Sources{})
	if r := askOver(t, dialUnix(t, path), "GET", "/health/a", ""); r.code != 200 {
		t.Errorf("%d %s", r.code, r.body)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there")
	}
}
