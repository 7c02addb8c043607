package http

import (
	"io"
	nethttp "net/http"
	"sync"

	"polyhealth/checktypes/web"
)

// chunk is how much of a body is read at once.
const chunk = 16 << 10

// keptCapacity is the largest buffer that is kept for the next body.
const keptCapacity = 64 << 10

// buffers holds *[]byte of at least chunk bytes' capacity.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, chunk)
	return &b
}}

// A body is what was read of one.
type body struct {
	bytes  []byte // what was read, where it was kept; valid until release
	size   int    // how much was read
	buffer *[]byte
}

// release gives the buffer back.
func (b *body) release() {
	if cap(*b.buffer) <= keptCapacity {
		buffers.Put(b.buffer)
	}
	b.bytes, b.buffer = nil, nil
}

// readBody reads a response's body to its end, max bytes at most. The transport has
// decompressed it, so that a small body that unpacks to a huge one stops at max
// too. Unless keep is set only the size is wanted.
func readBody(resp *nethttp.Response, max int64, keep bool) (body, error) {
	buffer := buffers.Get().(*[]byte)
	b := body{buffer: buffer}
	into := (*buffer)[:0]
	for {
		if cap(into)-len(into) < chunk/4 {
			into = append(into, make([]byte, cap(into))...)[:len(into)]
			*buffer = into
		}
		n, err := resp.Body.Read(into[len(into):cap(into)])
		b.size += n
		if keep {
			into = into[:len(into)+n]
			b.bytes = into
		}
		switch {
		case int64(b.size) > max:
			return b, &answerError{"the body is larger than " + web.Size(max) + " (max_body)"}
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, err
		}
	}
}
