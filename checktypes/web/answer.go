package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
)

// MaxHeader is how much the headers of an answer may take, for a Transport's
// MaxResponseHeaderBytes.
const MaxHeader = 64 << 10

// Unanswered is Explain for an error by which an HTTP request got no answer.
func Unanswered(err error) error {
	text := err.Error()
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return Say("the server does not speak TLS: it answered in plain HTTP", err)
	case strings.Contains(text, "server response headers exceeded"), strings.Contains(text, "header list larger"):
		return Say("the answer's headers are larger than "+Size(MaxHeader), err)
	case strings.Contains(text, "malformed"):
		_, what, _ := strings.Cut(text, "malformed")
		return Say(fmt.Sprintf("the answer is not HTTP: malformed%.200s", what), err)
	case strings.Contains(text, "readLoopPeekFailLocked: %!w(<nil>)"): // net/http has no words for it
		return Say("the answer is not HTTP: the server spoke before it was asked", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE),
		strings.Contains(text, "server closed idle connection"):
		return Say("the server closed the connection before it answered", err)
	case errors.Is(err, syscall.ECONNRESET):
		return Say("connection reset before the server answered", err)
	}
	return Explain(err)
}

// Size writes a number of bytes as a file would: 1 MiB, 64 KiB, 1000 bytes.
func Size(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, " GiB"}, {1 << 20, " MiB"}, {1 << 10, " KiB"}} {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return strconv.FormatInt(n/unit.bytes, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
