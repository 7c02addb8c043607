package server

import "sync"

// An answer is rendered once for one version of the view, and read by any number
// of requests at the same time.
type answer struct {
	version uint64
	code    int
	body    []byte
	readers int
}

// kept holds the newest answer to one question. It renders again only when the
// version has changed, once however many ask, into buffers that it uses again.
type kept struct {
	version func() uint64
	render  func(b []byte) (body []byte, code int)

	mu     sync.Mutex
	newest *answer
	spare  []*answer
}

// take returns the answer that is true now. The caller releases it.
func (k *kept) take() *answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	// The version is read before the rest: what is published meanwhile makes the
	// answer out of date rather than wrong for good.
	version := k.version()
	if k.newest == nil || k.newest.version != version {
		k.replace(version)
	}
	k.newest.readers++
	return k.newest
}

func (k *kept) replace(version uint64) {
	a := &answer{}
	if n := len(k.spare); n > 0 {
		a, k.spare = k.spare[n-1], k.spare[:n-1]
	}
	a.version = version
	a.body, a.code = k.render(a.body[:0])
	old := k.newest
	k.newest = a
	if old != nil && old.readers == 0 {
		k.keep(old)
	}
}

// release gives back what take returned.
func (k *kept) release(a *answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a.readers--
	if a.readers == 0 && a != k.newest {
		k.keep(a)
	}
}

// keep keeps a buffer for the next answer. One is enough unless clients are slow,
// and what many slow ones held is not worth holding on to.
func (k *kept) keep(a *answer) {
	if len(k.spare) < 2 {
		k.spare = append(k.spare, a)
	}
}
