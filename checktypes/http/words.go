package http

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"net/url"
	"strings"
	"syscall"

	"polyhealth/checktypes/web"
)

// An answerError is complete as it is: the server answered, and not as asked.
type answerError struct{ text string }

func (e *answerError) Error() string { return e.text }

// explain says in the user's words why an exchange failed.
func (p *prober) explain(x *exchange, err error) error {
	var answer *answerError
	if errors.As(err, &answer) {
		return err
	}
	doing := x.activity()
	if ended := web.Ended(x.ctx, p.env.Timeout, doing); ended != nil {
		return ended
	}
	var outer *url.Error // of the client that retries
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if doing == "reading the body" {
		return explainBody(err)
	}
	return web.Unanswered(err)
}

func explainBody(err error) error {
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return web.Say("connection reset while reading the body", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return web.Say("the server closed the connection in the middle of the body", err)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), strings.Contains(err.Error(), "flate: "):
		return web.Say("the body is not the gzip that its header says", err)
	}
	return web.Say("cannot read the body: "+web.Explain(err).Error(), err)
}

// refusedByProxy turns a proxy's answer to CONNECT into an error.
func refusedByProxy(_ context.Context, _ *url.URL, _ *nethttp.Request, resp *nethttp.Response) error {
	if resp.StatusCode == nethttp.StatusOK {
		return nil
	}
	return &answerError{fmt.Sprintf("the proxy answered %d", resp.StatusCode)}
}
