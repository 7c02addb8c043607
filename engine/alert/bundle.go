package alert

import (
	"cmp"
	"container/heap"
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"sync"
	"time"

	"polyhealth/engine"
)

// A storm is no storm of messages: an outlet has an allowance of single ones, which
// grows back. Once it is spent, all that is due goes into one message, one at a time.
const (
	allowance      = 5
	allowanceEvery = 10 * time.Second
	// mostAtOnce bounds what one message may tell of.
	mostAtOnce = 100_000
)

// A bundle is what is sent as one message.
type bundle struct {
	message Message
	parts   []part // at least one
}

// A part is what a message tells of one component.
type part struct {
	lane    *lane
	message Message
}

// collect takes what is due into one bundle, which is empty where nothing is, or may
// be sent yet. What is due and nobody is told of is done.
func (o *outlet) collect(now time.Time) (b bundle) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.notifier == nil || o.keeping || o.pause.After(now) || o.wait.After(now) {
		return b
	}
	var parts []part
	for len(o.queue) > 0 && !o.queue[0].due.After(now) && len(parts) < mostAtOnce {
		if p, ok := o.ready(o.queue[0], now); ok {
			heap.Pop(&o.queue)
			parts = append(parts, p)
		}
	}
	for _, p := range parts {
		heap.Push(&o.queue, p.lane)
	}
	return o.intend(o.bundle(parts, now))
}

// intend lets pass what is on record as being tried. Where that is nothing, the rest is
// put on record, to pass soon: were a firing sent that is not known of after a kill, its
// end might not be told.
func (o *outlet) intend(b bundle) bundle {
	known, unknown := []part{}, []*lane{}
	for _, p := range b.parts {
		if ev := p.message.Event; p.lane.told.Trying || ev != Firing && ev != Flapping {
			known = append(known, p)
		} else {
			unknown = append(unknown, p.lane)
		}
	}
	switch {
	case len(unknown) == 0:
		return b
	case len(known) > 0:
		return together(known)
	}
	for _, l := range unknown {
		l.told.Trying, l.told.About = true, l.incident()
		o.memory.SaveNotified(l.told)
	}
	o.keeping = true
	kept := sync.OnceFunc(o.intended)
	late := time.AfterFunc(keptWithin, kept)
	go o.memory.After(func() { // which may be at once
		late.Stop()
		kept()
	})
	return bundle{}
}

// intended goes on where intend left off.
func (o *outlet) intended() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keeping = false
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// ready is what is due for a lane at the head of the queue. Where that is nothing to
// tell of, ok is false, and the lane is dealt with.
func (o *outlet) ready(l *lane, now time.Time) (p part, ok bool) {
	ev, at := o.next(l)
	switch {
	case ev == forget && !at.After(now):
		o.drop(l)
		return p, false
	case ev == silence:
		l.told = tell(l.told, Resolved, engine.Healthy, now)
		o.memory.SaveNotified(l.told)
		o.schedule(l)
		return p, false
	case ev == nothing || ev == forget || at.After(now):
		o.schedule(l)
		return p, false
	case o.keep(l, ev, now):
		return p, false
	}
	if l.began.IsZero() {
		l.began = now
	}
	if m := o.message(l, ev, now); m.ID != l.trying.ID {
		l.trying = m
	}
	return part{l, l.trying}, true
}

// bundle decides what of the parts to send now: the first alone, all together, or
// nothing yet.
func (o *outlet) bundle(parts []part, now time.Time) (b bundle) {
	if len(parts) == 0 {
		return b
	}
	if wait := o.route.GroupWait; wait > 0 {
		first := parts[0].lane.began
		for _, p := range parts {
			if p.lane.began.Before(first) {
				first = p.lane.began
			}
		}
		if o.wait = first.Add(wait); o.wait.After(now) {
			return b
		}
		return together(parts)
	}
	switch left := o.left(now); {
	case left >= len(parts):
		return together(parts[:1])
	case left >= 1:
		return together(parts)
	}
	o.wait = o.full.Add(-(allowance - 1) * allowanceEvery)
	return b
}

// left is how many messages are left of the allowance.
func (o *outlet) left(now time.Time) int {
	spent := max(0, o.full.Sub(now))
	return int((allowance*allowanceEvery - spent) / allowanceEvery)
}

// spend takes one message off the allowance.
func (o *outlet) spend(now time.Time) {
	if o.full.Before(now) {
		o.full = now
	}
	o.full = o.full.Add(allowanceEvery)
}

// together is one message of all parts.
func together(parts []part) bundle {
	b := bundle{message: parts[0].message, parts: parts}
	if len(parts) == 1 {
		return b
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(a.message.Since.Compare(b.message.Since), strings.Compare(a.message.Check, b.message.Check))
	})
	worst, sum := 0, sha256.New()
	all := make([]Message, len(parts))
	for i, p := range parts {
		all[i] = p.message
		sum.Write([]byte(p.message.ID))
		if weight(p.message) > weight(parts[worst].message) {
			worst = i
		}
	}
	b.message = all[worst]
	all[0], all[worst] = all[worst], all[0]
	b.message.All = all
	b.message.ID = strings.ToLower(base32.StdEncoding.EncodeToString(sum.Sum(nil)[:10]))
	return b
}

// weight orders messages by how much they matter.
func weight(m Message) int {
	w := int(m.Status)
	if m.Event == Firing || m.Event == Flapping {
		w += 10
	}
	if m.Gone != "" {
		w = 0
	}
	return w
}
