package server

import "sync"

// An answer is rendered once for one version of the view, and read by any number
// of requests at the same time.
type answer struct {
	version uint64
	code    int
	body    []byte
	readers map[*reader]struct{}
}

// A reader is one request that reads an answer. To cut it is to make it stop soon.
type reader struct{ cut func() }

const (
	// maxHeld bounds the old answers that slow clients may hold on to. Where there
	// are more, the clients of the oldest are cut off: memory stays bounded whatever
	// they do.
	maxHeld = 32
	// maxSpare is how many buffers are kept for the next answers.
	maxSpare = 2
)

// kept holds the newest answer to one question. It renders again only when the
// version has changed, once however many ask, into buffers that it uses again.
type kept struct {
	version func() uint64
	render  func(b []byte) (body []byte, code int)

	mu     sync.Mutex
	newest *answer
	held   []*answer // older ones that are still being read, the oldest first
	spare  []*answer
}

// lend returns the answer that is true now, and what gives it back. cut is called
// where that takes too long; it must not wait.
func (k *kept) lend(cut func()) (a *answer, done func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	// The version is read before the rest: what is published meanwhile makes the
	// answer out of date rather than wrong for good.
	version := k.version()
	if k.newest == nil || k.newest.version != version {
		k.replace(version)
	}
	a = k.newest
	r := &reader{cut}
	a.readers[r] = struct{}{}
	return a, func() { k.giveBack(a, r) }
}

func (k *kept) replace(version uint64) {
	a := &answer{readers: map[*reader]struct{}{}}
	if n := len(k.spare); n > 0 {
		a, k.spare = k.spare[n-1], k.spare[:n-1]
	}
	a.version = version
	a.body, a.code = k.render(a.body[:0])
	if old := k.newest; old != nil {
		k.retire(old)
	}
	k.newest = a
}

// retire puts an answer that is out of date where it belongs.
func (k *kept) retire(a *answer) {
	if len(a.readers) == 0 {
		k.recycle(a)
		return
	}
	k.held = append(k.held, a)
	for _, old := range k.held[:max(0, len(k.held)-maxHeld)] {
		for r := range old.readers {
			r.cut()
		}
	}
}

func (k *kept) giveBack(a *answer, r *reader) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(a.readers, r)
	if len(a.readers) > 0 || a == k.newest {
		return
	}
	for i := range k.held {
		if k.held[i] == a {
			k.held = append(k.held[:i], k.held[i+1:]...)
			break
		}
	}
	k.recycle(a)
}

// recycle keeps a buffer for the next answer. One is enough unless clients are
// slow, and what many slow ones held is not worth holding on to.
func (k *kept) recycle(a *answer) {
	if len(k.spare) < maxSpare {
		k.spare = append(k.spare, a)
	}
}
