package http

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"

	"polyhealth/checktypes/tlsconf"
)

// An exchange is one probe as the transport tells of it. Hooks may come from other
// goroutines, and late, so that nothing of it is used for the next probe.
type exchange struct {
	ctx   context.Context // the probe's, with the hooks; set before any of them
	hooks httptrace.ClientTrace

	mu      sync.Mutex
	doing   string // what the exchange is at, after "timed out after 10s"
	target  string // what it is at that with: a name or an address
	hop     hop    // the request under way
	before  Timing // the sum over the hops before
	expires time.Time
	sent    int // how often this hop's request was sent
	again   int // how often any hop's request was sent again
}

// hop holds when the stages of one request began and ended.
type hop struct {
	dnsStart, dnsDone, connectStart, connectDone time.Time
	tlsStart, tlsDone, ready, firstByte, end     time.Time
}

type exchangeKey struct{}

// probeContext makes an exchange known to the dialer.
type probeContext struct {
	context.Context
	exchange *exchange
}

func (c *probeContext) Value(key any) any {
	if key == (exchangeKey{}) {
		return c.exchange
	}
	return c.Context.Value(key)
}

func newExchange(ctx context.Context) *exchange {
	x := &exchange{}
	x.hooks = httptrace.ClientTrace{
		GetConn:              x.getConn,
		DNSStart:             x.dnsStart,
		DNSDone:              x.dnsDone,
		ConnectStart:         x.connectStart,
		ConnectDone:          x.connectDone,
		TLSHandshakeStart:    x.tlsStart,
		TLSHandshakeDone:     x.tlsDone,
		GotConn:              x.gotConn,
		GotFirstResponseByte: x.gotFirstByte,
	}
	x.ctx = httptrace.WithClientTrace(&probeContext{ctx, x}, &x.hooks)
	return x
}

// at notes what the exchange is doing from now on; it holds the lock until the
// returned function is called.
func (x *exchange) at(doing, target string) (unlock func()) {
	x.mu.Lock()
	x.doing, x.target = doing, target
	return x.mu.Unlock
}

// activity is what the exchange is at, in a message's words.
func (x *exchange) activity() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.doing + x.target
}

func (x *exchange) getConn(string) {
	defer x.at("waiting for a connection", "")()
	x.hop = hop{} // the transport, or a retry, may try a hop again
}

func (x *exchange) dnsStart(i httptrace.DNSStartInfo) {
	defer x.at("resolving ", i.Host)()
	x.hop.dnsStart = time.Now()
}

func (x *exchange) dnsDone(httptrace.DNSDoneInfo) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hop.dnsDone = time.Now()
}

// connectStart may be called again before connectDone: addresses race.
func (x *exchange) connectStart(_, address string) {
	defer x.at("connecting to ", address)()
	if x.hop.connectStart.IsZero() {
		x.hop.connectStart = time.Now()
	}
}

func (x *exchange) connectDone(_, _ string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && x.hop.connectDone.IsZero() {
		x.hop.connectDone = time.Now()
	}
}

func (x *exchange) tlsStart() {
	defer x.at("during the TLS handshake", "")()
	x.hop.tlsStart = time.Now()
}

func (x *exchange) tlsDone(state tls.ConnectionState, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hop.tlsDone = time.Now()
	if at, ok := tlsconf.Expiry(&state); ok {
		x.expires = at
	} else if at, ok := tlsconf.Rejected(err); ok {
		x.expires = at
	}
}

func (x *exchange) gotConn(i httptrace.GotConnInfo) {
	letOff(i.Conn)
	defer x.at("waiting for the first byte", "")()
	x.hop.ready = time.Now()
}

func (x *exchange) gotFirstByte() {
	defer x.at("reading the headers", "")()
	x.hop.firstByte = time.Now()
}

// reading notes that only the body is missing.
func (x *exchange) reading() { x.at("reading the body", "")() }

// sending notes that a hop's request is sent, once more perhaps.
func (x *exchange) sending() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sent > 0 {
		x.again++
	}
	x.sent++
}

// nextHop adds the hop under way to those before.
func (x *exchange) nextHop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.before = x.sum()
	x.hop, x.sent = hop{}, 0
}

// finish is the whole exchange's timing, which has now ended.
func (x *exchange) finish() Timing {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hop.end = time.Now()
	return x.sum()
}

func (x *exchange) sum() Timing {
	h, t := &x.hop, x.before
	add := func(to *time.Duration, from, until time.Time) {
		if !from.IsZero() && until.After(from) {
			*to += until.Sub(from)
		}
	}
	add(&t.DNS, h.dnsStart, h.dnsDone)
	add(&t.Connect, h.connectStart, h.connectDone)
	add(&t.TLS, h.tlsStart, h.tlsDone)
	add(&t.FirstByte, h.ready, h.firstByte)
	add(&t.Transfer, h.firstByte, h.end)
	return t
}
