package websocket

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	ws "github.com/coder/websocket"
	"go.uber.org/goleak"

	"polyhealth/checktypes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An asking is one check of a test.
type asking struct {
	change  func(*Config)
	reads   []string // what rules read; nil means all, and that none needs it
	timeout time.Duration
}

func (a asking) deadline() time.Duration {
	if a.timeout == 0 {
		return 20 * time.Second
	}
	return a.timeout
}

func (a asking) config(url string) Config {
	c := Type.NewConfig().(*Config)
	c.URL = url
	if a.change != nil {
		a.change(c)
	}
	return *c
}

func (a asking) env(t *testing.T) checktypes.Env {
	env := checktypes.Env{Name: "test", Dir: t.TempDir(), Timeout: a.deadline(), Shared: &checktypes.Shared{}, Log: slog.New(slog.DiscardHandler)}
	if a.reads != nil {
		env.Uses = func(name string) bool { return slices.Contains(a.reads, name) }
	}
	return env
}

func (a asking) open(t *testing.T, url string) checktypes.Prober[Vars] {
	t.Helper()
	p, err := open(a.config(url), a.env(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// probe probes once, by the deadline.
func (a asking) probe(t *testing.T, p checktypes.Prober[Vars]) (v Vars, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), a.deadline())
	defer cancel()
	start := time.Now()
	err = p.Probe(ctx, &v)
	if took := time.Since(start); took > a.deadline()+2*time.Second {
		t.Errorf("the probe took %v with a deadline of %v", took, a.deadline())
	}
	return v, err
}

// ask opens a check of url, probes once, and closes it.
func ask(t *testing.T, url string, a asking) (Vars, error) {
	t.Helper()
	p := a.open(t, url)
	defer p.Close()
	return a.probe(t, p)
}

// expect wants an error that begins with want, or none where want is empty.
func expect(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("error is %q, want none", err)
	case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
		t.Errorf("error is %v\nwant     %s", err, want)
	}
}

// serving is a WebSocket server that does with each connection what talk does, and
// takes no notice of its end.
func serving(t *testing.T, talk func(ctx context.Context, c *ws.Conn, r *nethttp.Request)) *httptest.Server {
	t.Helper()
	var all sync.WaitGroup
	s := httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		all.Add(1)
		defer all.Done()
		c, err := ws.Accept(w, r, &ws.AcceptOptions{Subprotocols: []string{"two"}})
		if err != nil {
			return
		}
		defer c.CloseNow()
		talk(r.Context(), c, r)
	}))
	t.Cleanup(func() {
		s.Close()
		all.Wait()
	})
	return s
}

func wsURL(s *httptest.Server) string { return "ws" + strings.TrimPrefix(s.URL, "http") }

// echo says what it hears.
func echo(ctx context.Context, c *ws.Conn, _ *nethttp.Request) {
	for {
		kind, text, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, text) != nil {
			return
		}
	}
}

// says says a few things, and then listens.
func says(texts ...string) func(context.Context, *ws.Conn, *nethttp.Request) {
	return func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		for _, text := range texts {
			if c.Write(ctx, ws.MessageText, []byte(text)) != nil {
				return
			}
		}
		listens(ctx, c, r)
	}
}

func listens(ctx context.Context, c *ws.Conn, _ *nethttp.Request) {
	for {
		if _, _, err := c.Read(ctx); err != nil {
			return
		}
	}
}

// closes says something and closes with a code and a reason.
func closes(code ws.StatusCode, reason string, texts ...string) func(context.Context, *ws.Conn, *nethttp.Request) {
	return func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		for _, text := range texts {
			c.Write(ctx, ws.MessageText, []byte(text))
		}
		c.Close(code, reason)
	}
}

// raw is a server below WebSocket: it does with each connection what serve does, and
// closes it then. It returns an address.
func raw(t *testing.T, serve func(c net.Conn, in *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				serve(c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

func rawURL(t *testing.T, serve func(c net.Conn, in *bufio.Reader)) string {
	return "ws://" + raw(t, serve)
}

// silent takes everything and says nothing.
func silent(_ net.Conn, in *bufio.Reader) { io.Copy(io.Discard, in) }

// upgraded shakes hands by the book, and then does what next does.
func upgraded(next func(c net.Conn, in *bufio.Reader)) func(c net.Conn, in *bufio.Reader) {
	return func(c net.Conn, in *bufio.Reader) {
		r, err := nethttp.ReadRequest(in)
		if err != nil {
			return
		}
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			base64.StdEncoding.EncodeToString(sum[:]))
		next(c, in)
	}
}

// gigabyte sends one text frame that claims to be of a gigabyte, to the end of the
// connection.
func gigabyte(c net.Conn, _ *bufio.Reader) {
	c.Write(binary.BigEndian.AppendUint64([]byte{0x81, 127}, 1<<30))
	block := make([]byte, 64<<10)
	for {
		if _, err := c.Write(block); err != nil {
			return
		}
	}
}

// blackhole is an address that takes no connection and refuses none: the queue of
// its listener is full.
func blackhole(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
	for {
		c, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { c.Close() })
	}
}
