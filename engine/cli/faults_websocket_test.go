package cli

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// upgrading is a server that upgrades each connection to a WebSocket and hands it
// on as it is, so that it answers no ping and no close.
func upgrading(t *testing.T, paths map[string]func(c net.Conn, quit <-chan struct{})) (address string) {
	t.Helper()
	quit := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		key := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(key[:])+"\r\n\r\n")
		paths[strings.TrimPrefix(r.URL.Path, "/")](c, quit)
	}))
	t.Cleanup(func() { close(quit); s.Close() })
	return strings.TrimPrefix(s.URL, "http://")
}

func websocketFaults(t *testing.T) []fault {
	const hello = "\x81\x05hello" // a frame of text
	base := "ws://" + upgrading(t, map[string]func(net.Conn, <-chan struct{}){
		"deaf": until,
		"gigabyte": func(c net.Conn, _ <-chan struct{}) {
			_, _ = io.WriteString(c, "\x82\x7f\x00\x00\x00\x00\x40\x00\x00\x00")
			forever(c, make([]byte, 64<<10))
		},
		"freezes": func(c net.Conn, quit <-chan struct{}) {
			_, _ = io.WriteString(c, hello+hello)
			<-quit // nothing is read, either
		},
	}) + "/"
	mute := "ws://" + hostile(t, map[string]func(net.Conn, <-chan struct{}){"mute": until}) + "/mute"
	faults := []fault{
		{"ws-mute", "websocket: '" + mute + "', timeout: 900ms", "unhealthy", "timed out after 900ms waiting for the upgrade"},
		{"ws-deaf", "websocket: '" + base + "deaf'", "healthy", ""}, // it connects, and the rest is rudeness
		{"ws-wordless", "websocket: {url: '" + base + "deaf', receive: 1}, timeout: 900ms", "unhealthy", "timed out after 900ms waiting for"},
		{"ws-gigabyte", "websocket: {url: '" + base + "gigabyte', receive: 1}", "unhealthy", "a message is larger than 1 MiB (max_message)"},
	}
	for i := range 4 { // each keeps a connection, so each may leave one
		faults = append(faults,
			fault{fmt.Sprint("ws-freezes-", i), "websocket: {url: '" + base + "freezes', mode: stream}, rules: {unhealthy: last_message_age > '2s'}, message: 'got {{ message_count }}'", "unhealthy", "got "},
			fault{fmt.Sprint("ws-mute-stream-", i), "websocket: {url: '" + mute + "', mode: stream}, timeout: 900ms", "unhealthy", "timed out after 900ms waiting for the upgrade"})
	}
	return faults
}
