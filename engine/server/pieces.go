package server

import "io"

// pieceSize is about how many bytes are gathered before they are passed on.
const pieceSize = 64 << 10

// pieces writes an answer of any length through a buffer of a bounded one.
type pieces struct {
	b   []byte // what is gathered: append to it
	w   io.Writer
	err error // of the first write that failed; nothing is written after it
}

// pass passes on what has been gathered once it is enough.
func (p *pieces) pass() {
	if len(p.b) >= pieceSize {
		p.flush()
	}
}

// flush passes on what has been gathered.
func (p *pieces) flush() {
	if p.err == nil {
		_, p.err = p.w.Write(p.b)
	}
	p.b = p.b[:0]
}
