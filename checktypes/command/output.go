package command

import (
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A capture keeps the beginning of what comes through a pipe, and reads on when it
// has enough, so that the program is never held up.
type capture struct {
	pipe *os.File // the end that is read
	done chan struct{}

	kept      []byte // to be looked at once done is closed, as truncated
	truncated bool
}

// newCapture begins to read; w is the end for the program. Both ends are for the
// caller to close, w as soon as the program has it.
func newCapture(keep int) (c *capture, w *os.File, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	c = &capture{pipe: r, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.read(keep)
	}()
	return c, w, nil
}

func (c *capture) read(keep int) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := c.pipe.Read(buffer)
		fits := min(n, keep-len(c.kept))
		c.kept = append(c.kept, buffer[:fits]...)
		c.truncated = c.truncated || fits < n
		if err != nil {
			return
		}
	}
}

// close ends the reading after what lies in the pipe, even where some process
// still holds the other end.
func (c *capture) close() {
	_ = c.pipe.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	<-c.done
	c.pipe.Close()
}

// text is what was kept, fit for people and rules. Where that is not all, it ends
// with "…", which also tells who redacts it that a secret may be cut in two.
func (c *capture) text() string {
	kept := c.kept
	if c.truncated {
		cut := max(0, len(kept)-len("…"))
		for cut > 0 && !utf8.RuneStart(kept[cut]) {
			cut--
		}
		kept = append(kept[:cut:cut], "…"...)
	}
	text := strings.ToValidUTF8(string(kept), "\uFFFD")
	return strings.TrimRight(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\r\n")
}

// feed writes text to a pipe, of which r is the end for the program, until all is
// written or nobody reads. stop ends it. r is for the caller to close.
func feed(text string) (r *os.File, stop func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.WriteString(w, text)
		w.Close()
	}()
	return r, func() { w.Close(); <-done }, nil
}

// firstLine is the first line of text that shows anything, without colours and
// control characters, cut to what a message has room for.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line = strings.Join(strings.FieldsFunc(colours.ReplaceAllString(line, ""), invisible), " ")
		if line == "" {
			continue
		}
		if runes := []rune(line); len(runes) > 200 {
			line = string(runes[:199]) + "…"
		}
		return line
	}
	return ""
}

var colours = regexp.MustCompile(`\x1b\[[0-9;:?]*[ -/]*[@-~]`)

func invisible(r rune) bool {
	return r <= ' ' || r >= 0x7f && r <= 0xa0 || r == 0x2028 || r == 0x2029
}
