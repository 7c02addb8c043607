package websocket

import (
	"slices"
	"time"
)

// keptMessages is how many of the last messages a stream keeps for rules.
const keptMessages = 10

// facts are what a stream knows. They outlive its connections.
type facts struct {
	tried         bool // the first attempt to connect is over
	connected     bool
	err           error     // why it is not connected
	since         time.Time // of the first connection
	connections   int
	subscriptions int // on this connection
	subprotocol   string
	closeCode     int
	ping          time.Duration

	count       int
	lastMessage time.Time
	minute      minute
	kept        []string // the last messages, where somebody reads them
	size        int      // of kept, in bytes
}

// up notes a connection over which so many subscriptions were sent.
func (f *facts) up(now time.Time, subprotocol string, subscriptions int) {
	if f.connections == 0 {
		f.since = now
	}
	f.tried, f.connected, f.err = true, true, nil
	f.connections++
	f.subprotocol, f.subscriptions = subprotocol, subscriptions
}

// down notes that there is no connection, and why.
func (f *facts) down(err error) {
	f.tried, f.connected, f.err = true, false, err
	f.subscriptions = 0
	if code := closeCode(err); code != 0 {
		f.closeCode = code
	}
}

// message notes a message, whose text is only kept where w reads it.
func (f *facts) message(now time.Time, text string, w wants) {
	f.count++
	f.lastMessage = now
	f.minute.add(now)
	if !w.last {
		return
	}
	limit := keptMessages
	if !w.messages {
		limit = 1
	}
	f.kept, f.size = append(f.kept, text), f.size+len(text)
	for len(f.kept) > limit || f.size > maxKept && len(f.kept) > 1 {
		f.size -= len(f.kept[0])
		f.kept = slices.Delete(f.kept, 0, 1)
	}
}

// last is the last message's text.
func (f *facts) last() string {
	if len(f.kept) == 0 {
		return ""
	}
	return f.kept[len(f.kept)-1]
}

// fill sets the variables that are known at any time.
func (f *facts) fill(v *Vars, now time.Time) {
	v.Connected, v.Subprotocol, v.CloseCode, v.Ping = f.connected, f.subprotocol, f.closeCode, f.ping
	v.MessageCount, v.SubscriptionCount = f.count, f.subscriptions
	v.Reconnects = max(0, f.connections-1)
	v.Messages, v.Message = slices.Clone(f.kept), f.last()
	if f.connections == 0 {
		return
	}
	v.LastMessageAge = now.Sub(f.since)
	if f.count > 0 {
		v.LastMessageAge = now.Sub(f.lastMessage)
	}
	v.Rate = f.minute.rate(now, f.since)
}

// A minute counts what happened in each of the last 60 seconds.
type minute struct {
	second [60]int64 // since 1970, of the count beside it
	count  [60]int
}

func (m *minute) add(now time.Time) {
	second := now.Unix()
	i := second % 60
	if m.second[i] != second {
		m.second[i], m.count[i] = second, 0
	}
	m.count[i]++
}

// rate is the number a second over the last minute, or since the time since where
// that is less than a minute ago.
func (m *minute) rate(now, since time.Time) float64 {
	sum := 0
	for i, second := range m.second {
		if second > now.Unix()-60 {
			sum += m.count[i]
		}
	}
	return float64(sum) / min(60, max(1, now.Sub(since).Seconds()))
}
