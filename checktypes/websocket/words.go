package websocket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	ws "github.com/coder/websocket"

	"polyhealth/checktypes/web"
)

// closeCode is the code of the server's closing frame that err tells of, 0 if none.
func closeCode(err error) int { return max(0, int(ws.CloseStatus(err))) }

// A verdict is an error of polyhealth's own making, complete as it is.
type verdict string

func (v verdict) Error() string { return string(v) }

// lost says in the user's words why an open connection ended.
func lost(err error, maxMessage int64) error {
	var frame ws.CloseError
	var own verdict
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &frame):
		return web.Say("the server closed the connection: "+meaning(frame), err)
	case errors.Is(err, ws.ErrMessageTooBig):
		return web.Say("a message is larger than "+web.Size(maxMessage)+" (max_message)", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return web.Say("the server closed the connection without saying so", err)
	case errors.Is(err, syscall.ECONNRESET):
		return web.Say("the connection was reset", err)
	}
	text := err.Error()
	for _, noise := range []string{"failed to get reader: ", "failed to read: "} {
		text = strings.TrimPrefix(text, noise)
	}
	return web.Say("the connection broke: "+text, err)
}

var meanings = map[ws.StatusCode]string{
	1000: "normal closure", 1001: "going away", 1002: "protocol error", 1003: "unsupported data",
	1005: "no code", 1007: "invalid data", 1008: "policy violation", 1009: "message too big",
	1010: "extension missing", 1011: "internal error", 1012: "service restart", 1013: "try again later",
	1014: "bad gateway",
}

// meaning is a closing frame's code, what it means, and the server's own words.
func meaning(frame ws.CloseError) string {
	text := fmt.Sprint(int(frame.Code))
	if m := meanings[frame.Code]; m != "" {
		text += " " + m
	}
	if frame.Reason != "" {
		text += fmt.Sprintf(" (%q)", frame.Reason)
	}
	return text
}
