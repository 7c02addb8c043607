package websocket

import (
	"context"
	"fmt"
	"time"

	ws "github.com/coder/websocket"

	"polyhealth/checktypes/web"
)

const (
	// pongGrace is how long a probe waits for a pong that nobody reads about.
	pongGrace = time.Second
	// closeGrace is how long a server may take to close its side.
	closeGrace = 500 * time.Millisecond
)

// A connector probes in mode connect: each probe has a connection of its own.
type connector struct {
	dialer  *dialer
	wants   wants
	timeout time.Duration
}

func (c *connector) Close() error { return nil }

func (c *connector) Probe(ctx context.Context, v *Vars) error {
	// Nothing outlives the probe, whatever the caller's context does.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var doing progress
	l, err := c.dialer.dial(ctx, &doing)
	if err != nil {
		return c.ended(ctx, &doing, err)
	}
	v.Connected, v.Subprotocol = true, l.Subprotocol()
	maxMessage := int64(c.dialer.config.MaxMessage)
	defer context.AfterFunc(ctx, l.cut)()
	in := c.listen(l)
	err = c.converse(ctx, l, in, &doing, v)
	ended := in.over()
	if ctx.Err() != nil {
		l.cut() // there is no time left to be polite
	}
	l.hangUp(closeGrace)
	<-in.done
	v.CloseCode = closeCode(in.err)
	v.Messages, v.MessageCount = in.messages, in.count
	if err != nil {
		return c.ended(ctx, &doing, lost(err, maxMessage))
	}
	if ended && v.CloseCode != 1000 || v.CloseCode != 0 && v.CloseCode != 1000 && v.CloseCode != 1005 {
		return lost(in.err, maxMessage) // 1005, no code, is how some answer our own 1000
	}
	if !ended {
		v.CloseCode = 0 // it only answered our own close
	}
	return c.wants.fill(v, in.last)
}

// converse says what there is to say, pings, and waits for the messages.
func (c *connector) converse(ctx context.Context, l *link, in *inbox, doing *progress, v *Vars) error {
	for i, text := range c.dialer.config.Send {
		doing.set(fmt.Sprintf("sending message %d of %d", i+1, len(c.dialer.config.Send)))
		if err := l.Write(ctx, ws.MessageText, []byte(text)); err != nil {
			return in.because(l, err)
		}
		v.SubscriptionCount++
	}
	doing.set("waiting for the pong")
	if err := c.ping(ctx, l, in, v); err != nil {
		return err
	}
	doing.set(fmt.Sprintf("waiting for %s", count(c.wants.receive, "message")))
	select {
	case <-in.enough:
		return nil
	case <-in.done:
		if in.count >= c.wants.receive {
			return nil
		}
		return in.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ping measures the round trip. That no pong comes is an error only where somebody
// reads how long it took.
func (c *connector) ping(ctx context.Context, l *link, in *inbox, v *Vars) error {
	within, cancel := ctx, context.CancelFunc(func() {})
	if !c.wants.needPing {
		within, cancel = context.WithTimeout(ctx, pongGrace)
	}
	defer cancel()
	start := time.Now()
	err := l.Ping(within)
	switch {
	case err == nil:
		v.Ping = time.Since(start)
	case within.Err() == nil: // the connection has ended
		err = in.because(l, err)
	}
	if c.wants.needPing {
		return err
	}
	return nil
}

// ended is err, or rather that the probe's context has ended where it has.
func (c *connector) ended(ctx context.Context, doing *progress, err error) error {
	if ended := web.Ended(ctx, c.timeout, doing.String()); ended != nil {
		return ended
	}
	return err
}
