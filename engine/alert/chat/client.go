package chat

import (
	"context"
	"net/http"
	"sync"
	"time"

	"polyhealth/engine/alert/httppost"
)

// client is what services send through. It ends their requests with the
// message's context, which most of them do not know, and remembers the last
// answer's status, which most of them do not tell.
type client struct {
	http *http.Client

	mu     sync.Mutex
	ctx    context.Context
	status int
	after  time.Duration
}

// begin readies the client for a message.
func (c *client) begin(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ctx, c.status, c.after = ctx, 0, 0
}

// answer is the last answer's status, 0 where none came, and its Retry-After.
func (c *client) answer() (status int, after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status, c.after
}

// Do is http.Client's.
func (c *client) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	ctx := c.ctx
	c.mu.Unlock()
	resp, err := c.http.Do(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status, c.after = resp.StatusCode, httppost.RetryAfter(resp.Header, time.Now())
	return resp, nil
}
