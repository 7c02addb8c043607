package websocket

import (
	"context"
	"io"
)

// receive reads one message, and returns its text where it is to be kept. The link's
// read limit bounds it in size; only cutting the link bounds it in time, since a
// context that can end costs more than the usual message.
func receive(l *link, keep bool) (string, error) {
	_, r, err := l.Reader(context.Background())
	if err != nil {
		return "", err
	}
	if !keep {
		_, err = io.Copy(io.Discard, r)
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
