package websocket

import "polyhealth/checktypes/web"

// maxKept bounds the messages that one check keeps, in bytes.
const maxKept = 16 << 20

// An inbox takes what one connection receives, to its end. Its fields are the
// reader's until done is closed.
type inbox struct {
	done   chan struct{} // closed when nothing more will come
	enough chan struct{} // closed when receive messages have come
	err    error         // why nothing more will come

	wants    wants
	count    int
	size     int
	messages []string
	last     string
}

// listen reads from l in a goroutine until l ends.
func (c *connector) listen(l *link) *inbox {
	in := &inbox{done: make(chan struct{}), enough: make(chan struct{}), wants: c.wants}
	if c.wants.receive == 0 {
		close(in.enough)
	}
	go func() {
		for in.err == nil {
			in.err = in.next(l)
		}
		close(in.done)
		l.CloseNow() // so that nobody waits for a pong
	}()
	return in
}

// next takes one message. What comes beyond those asked for is read, since among it
// is the pong, and dropped.
func (in *inbox) next(l *link) error {
	wanted := in.count < in.wants.receive
	text, err := receive(l, wanted && in.wants.last)
	if err != nil || !wanted {
		return err
	}
	in.count++
	if in.wants.last {
		in.last = text
	}
	if in.wants.messages {
		if in.size += len(text); in.size > maxKept {
			return verdict("the messages are larger than " + web.Size(maxKept) + " together")
		}
		in.messages = append(in.messages, text)
	}
	if in.count == in.wants.receive {
		close(in.enough)
	}
	return nil
}

// over reports whether the connection has ended.
func (in *inbox) over() bool {
	select {
	case <-in.done:
		return true
	default:
		return false
	}
}

// because is why the connection ended, by which saying something failed with err. It
// ends the connection if it has not.
func (in *inbox) because(l *link, err error) error {
	if !in.over() {
		l.cut()
		if <-in.done; closeCode(in.err) == 0 {
			return err
		}
	}
	return in.err
}
