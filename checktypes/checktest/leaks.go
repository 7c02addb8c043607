package checktest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// openFiles are the targets of this process's file descriptors, by number. A
// connection to the test's own server counts at both ends, and both must go.
func openFiles() map[string]string {
	open := map[string]string{}
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err == nil && !strings.HasPrefix(target, "anon_inode:[event") { // the runtime's own
			open[fd] = target
		}
	}
	return open
}

// leakedFiles are what was opened since before was noted, and stays open.
func leakedFiles(before map[string]string) []string {
	err := settle(func() error {
		now := openFiles()
		maps.DeleteFunc(now, func(fd, target string) bool { return before[fd] == target })
		if len(now) == 0 {
			return nil
		}
		return fmt.Errorf("after Close: files are open: %s",
			strings.Join(slices.Sorted(maps.Values(now)), ", "))
	})
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

// settle polls until problem finds nothing, for a few seconds at most: what a
// closed connection ends at its other side takes a moment.
func settle(problem func() error) error {
	deadline := time.Now().Add(3 * time.Second)
	for {
		err := problem()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}
