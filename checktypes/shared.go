package checktypes

import (
	"errors"
	"io"
	"sync"
)

// Shared holds resources that several checks use at once, such as a database
// pool or a bus connection, by a key that says what they are. Each is opened by
// the first check that acquires it and closed when the last one lets go. A daemon
// has one; the zero value is ready. It is safe for concurrent use.
type Shared struct {
	mu   sync.Mutex
	byID map[string]*sharedEntry
}

type sharedEntry struct {
	value io.Closer
	users int
}

// A Lease is one check's hold on a shared resource.
type Lease[T io.Closer] struct {
	Value   T
	release func() error
}

// Release lets go; the last one to do so closes the resource and gets its error.
// Releasing twice is harmless.
func (l *Lease[T]) Release() error { return l.release() }

// Acquire returns the resource that key names, opening it where no check holds
// it. open must not wait for a target: it is called under a lock. The key should
// begin with the type's name, so that no two types meet by accident.
func Acquire[T io.Closer](s *Shared, key string, open func() (T, error)) (*Lease[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.byID[key]
	if e == nil {
		value, err := open()
		if err != nil {
			return nil, err
		}
		e = &sharedEntry{value: value}
		if s.byID == nil {
			s.byID = map[string]*sharedEntry{}
		}
		s.byID[key] = e
	}
	value, ok := e.value.(T)
	if !ok {
		return nil, errors.New("checktypes: key " + key + " names a resource of another kind")
	}
	e.users++
	var once sync.Once
	release := func() (err error) {
		once.Do(func() { err = s.release(key, e) })
		return err
	}
	return &Lease[T]{Value: value, release: release}, nil
}

func (s *Shared) release(key string, e *sharedEntry) error {
	s.mu.Lock()
	e.users--
	last := e.users == 0
	if last {
		delete(s.byID, key)
	}
	s.mu.Unlock()
	if last {
		return e.value.Close()
	}
	return nil
}

// Len is how many resources are open.
func (s *Shared) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byID)
}
