package http

import (
	"context"
	"crypto/tls"
	"net"
	nethttp "net/http"
	"net/url"
	"time"

	"polyhealth/checktypes"
	"polyhealth/checktypes/tlsconf"
	"polyhealth/checktypes/web"
)

// idleFor is how long a kept connection may wait for the next probe.
const idleFor = 10 * time.Minute

// A pool is the transport of all checks whose settings are the same.
type pool struct{ *nethttp.Transport }

func (p pool) Close() error {
	p.CloseIdleConnections()
	return nil
}

// acquire leases the pool that fits the check's settings as its files are now.
func (p *prober) acquire() error {
	settings, err := p.source.Settings()
	if err != nil || settings == p.settings {
		return err
	}
	key := "http " + settings.ID
	if p.config.KeepAlive {
		key += " kept"
	}
	if p.config.Proxy != "" {
		key += " through " + p.config.Proxy
	}
	lease, err := checktypes.Acquire(p.env.Shared, key, func() (pool, error) {
		return pool{newTransport(p.config, settings)}, nil
	})
	if err != nil {
		return err
	}
	if p.lease != nil {
		p.lease.Release()
	}
	p.lease, p.settings = lease, settings
	return nil
}

func newTransport(c Config, settings *tlsconf.Settings) *nethttp.Transport {
	d := &net.Dialer{}
	t := &nethttp.Transport{
		DialContext:            dialing(d),
		TLSClientConfig:        settings.TLS.Clone(), // the transport adds to it
		MaxResponseHeaderBytes: web.MaxHeader,
		OnProxyConnectResponse: refusedByProxy,
	}
	if c.Proxy != "" {
		proxy, _ := url.Parse(c.Proxy) // check has parsed it
		t.Proxy = nethttp.ProxyURL(proxy)
	}
	if !c.KeepAlive {
		d.KeepAlive = -1 // saves four system calls on a connection of one request
		t.DisableKeepAlives = true
		return t
	}
	t.ForceAttemptHTTP2 = true
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = idleFor
	// An HTTP/2 connection whose peer has vanished would fail every probe to come.
	t.HTTP2 = &nethttp.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second}
	return t
}

// dialing connects within the life of the exchange that asked for it. The transport
// by itself goes on dialing, shaking hands and talking to a proxy after its request
// has ended, for the benefit of a later one: a target that hangs would gather
// connections without end.
func dialing(d *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		x, _ := ctx.Value(exchangeKey{}).(*exchange)
		if x == nil {
			return d.DialContext(ctx, network, address)
		}
		conn, err := d.DialContext(x.ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &leashed{conn, context.AfterFunc(x.ctx, func() { conn.Close() })}, nil
	}
}

// A leashed connection is closed when the exchange that dialed it ends, unless it
// was let off the leash because it is ready for requests.
type leashed struct {
	net.Conn
	letOff func() bool
}

// letOff lets the connection that the transport got off its leash.
func letOff(conn net.Conn) {
	for {
		switch c := conn.(type) {
		case *tls.Conn:
			conn = c.NetConn()
		case *leashed:
			c.letOff()
			return
		default:
			return
		}
	}
}
