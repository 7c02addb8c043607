package websocket

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	nethttp "net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	ws "github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

func TestConform(t *testing.T) {
	config := func(mode, url string) func(*testing.T) any {
		return func(*testing.T) any {
			c := Type.NewConfig().(*Config)
			c.URL, c.Mode = url, mode
			return c
		}
	}
	good := wsURL(serving(t, says("hello")))
	hanging := map[string]string{
		"upgrade": "ws://" + raw(t, silent),
		"TLS":     "wss://" + raw(t, silent),
	}
	for _, mode := range []string{"connect", "stream"} {
		for what, url := range hanging {
			t.Run(mode+", "+what, func(t *testing.T) {
				checktest.Conform(t, Type, checktest.Cases{
					Good: config(mode, good), Hanging: config(mode, url), Dead: config(mode, "ws://"+refused(t)),
				})
			})
		}
	}
	t.Run("no message", func(t *testing.T) {
		checktest.Conform(t, Type, checktest.Cases{
			Good: config("stream", good),
			Hanging: func(t *testing.T) any {
				c := config("stream", wsURL(serving(t, listens)))(t).(*Config)
				c.Receive = new(1)
				return c
			},
		})
	})
}

// refused is the address of a port that nobody listens on.
func refused(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestConnect(t *testing.T) {
	var asked nethttp.Header
	var host string
	server := serving(t, func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		asked, host = r.Header, r.Host
		echo(ctx, c, r)
	})
	url := strings.Replace(wsURL(server), "//", "//me:pw@", 1)
	got, err := ask(t, url, asking{change: func(c *Config) {
		c.Headers = map[string]string{"X-Custom": "yes", "Host": "virtual.example"}
		c.Subprotocols = []string{"one", "two"}
		c.Send = Messages{"first", `{"n": 2, "f": 0.5}`}
		c.Receive = new(2)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Ping <= 0 {
		t.Errorf("ping is %v", got.Ping)
	}
	got.Ping = 0
	want := Vars{
		Connected: true, Messages: []string{"first", `{"n": 2, "f": 0.5}`}, Message: `{"n": 2, "f": 0.5}`,
		JSON: map[string]any{"n": 2, "f": 0.5}, Subprotocol: "two",
		MessageCount: 2, SubscriptionCount: 2,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("variables (-want +got):\n%s", d)
	}
	for name, want := range map[string]string{"X-Custom": "yes", "User-Agent": "polyhealth/1", "Authorization": "Basic bWU6cHc="} {
		if asked.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, asked.Get(name), want)
		}
	}
	if host != "virtual.example" {
		t.Errorf("the host is %q", host)
	}
}

// either is 1000 or 0: who closed first is a race.
const either = -1

// TestConnectFaults is what a probe says of servers that misbehave. ADDR in a
// message is the server's address.
func TestConnectFaults(t *testing.T) {
	const short = 400 * time.Millisecond
	answer := func(status int, headers ...string) func(t *testing.T) string {
		return func(t *testing.T) string {
			s := httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, _ *nethttp.Request) {
				for i := 0; i < len(headers); i += 2 {
					w.Header().Set(headers[i], headers[i+1])
				}
				w.WriteHeader(status)
			}))
			t.Cleanup(s.Close)
			return wsURL(s)
		}
	}
	served := func(talk func(context.Context, *ws.Conn, *nethttp.Request)) func(t *testing.T) string {
		return func(t *testing.T) string { return wsURL(serving(t, talk)) }
	}
	below := func(serve func(net.Conn, *bufio.Reader)) func(t *testing.T) string {
		return func(t *testing.T) string { return rawURL(t, serve) }
	}
	receive := func(n int) func(*Config) { return func(c *Config) { c.Receive = &n } }
	cases := []struct {
		name      string
		url       func(t *testing.T) string
		asking    asking
		connected bool
		closeCode int
		want      string
	}{
		{"refused", func(t *testing.T) string { return "ws://" + refused(t) }, asking{}, false, 0, "connection refused by ADDR"},
		{"unresolvable", func(*testing.T) string { return "ws://polyhealth.invalid" }, asking{}, false, 0, "cannot resolve polyhealth.invalid: no such host"},
		{"never connects", func(t *testing.T) string { return "ws://" + blackhole(t) }, asking{timeout: short}, false, 0, "timed out after 400ms connecting to ADDR"},
		{"never upgrades", below(silent), asking{timeout: short}, false, 0, "timed out after 400ms waiting for the upgrade to a WebSocket"},
		{"never shakes hands", func(t *testing.T) string { return "wss://" + raw(t, silent) }, asking{timeout: short}, false, 0,
			"timed out after 400ms during the TLS handshake"},
		{"hangs up", below(func(c net.Conn, in *bufio.Reader) { nethttp.ReadRequest(in) }), asking{}, false, 0, "the server closed the connection before it answered"},
		{"not found", answer(404), asking{}, false, 0, "the server answered 404, not a WebSocket upgrade"},
		{"plain page", answer(200), asking{}, false, 0, "the server answered 200, not a WebSocket upgrade"},
		{"redirect", answer(301, "Location", "wss://new.example/ws"), asking{}, false, 0,
			"the server answered 301, not a WebSocket upgrade (it redirects to wss://new.example)"},
		{"endless answer", below(func(c net.Conn, in *bufio.Reader) {
			nethttp.ReadRequest(in)
			io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n")
			silent(c, in)
		}), asking{}, false, 0, "the server answered 404, not a WebSocket upgrade"},
		{"wrong accept", below(func(c net.Conn, in *bufio.Reader) {
			nethttp.ReadRequest(in)
			io.WriteString(c, "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
			silent(c, in)
		}), asking{}, false, 0, `the server's upgrade breaks the protocol: invalid Sec-WebSocket-Accept "x"`},
		{"endless header", below(func(c net.Conn, in *bufio.Reader) {
			nethttp.ReadRequest(in) // else it would speak before it is asked, which is another fault
			for err := error(nil); err == nil; {
				_, err = io.WriteString(c, "HTTP/1.1 101 OK\r\nX: "+strings.Repeat("x", 64<<10))
			}
		}), asking{}, false, 0, "the answer's headers are larger than 64 KiB"},
		{"self-signed", func(t *testing.T) string {
			s := httptest.NewUnstartedServer(nethttp.NotFoundHandler())
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			return "wss" + strings.TrimPrefix(s.URL, "https")
		}, asking{}, false, 0, "certificate is "},

		{"connects", served(listens), asking{}, true, 0, ""},
		{"no message", served(listens), asking{change: receive(1), timeout: short}, true, 0, "timed out after 400ms waiting for 1 message"},
		{"too few messages", served(says("a")), asking{change: receive(2), timeout: short}, true, 0, "timed out after 400ms waiting for 2 messages"},
		{"closes before the message", served(closes(1008, "who are you")), asking{change: receive(1)}, true, 1008,
			`the server closed the connection: 1008 policy violation ("who are you")`},
		{"closes normally before the message", served(closes(1000, "")), asking{change: receive(1)}, true, 1000,
			"the server closed the connection: 1000 normal closure"},
		{"closes with its own code", served(closes(4001, "")), asking{}, true, 4001, "the server closed the connection: 4001"},
		{"closes normally after the message", served(closes(1000, "", "a")), asking{change: receive(1)}, true, either, ""},
		{"drops after the upgrade", below(upgraded(func(c net.Conn, in *bufio.Reader) { in.Discard(7) })), asking{}, true, 0, "the server closed the connection without saying so"},
		{"takes but never answers nor closes", below(upgraded(silent)), asking{}, true, 0, ""},
		{"no pong where one is read", below(upgraded(silent)), asking{reads: []string{"ping"}, timeout: short}, true, 0,
			"timed out after 400ms waiting for the pong"},
		{"1 GB frame", below(upgraded(gigabyte)), asking{change: receive(1)}, true, 0, "a message is larger than 1 MiB (max_message)"},
		{"1 GB frame that nobody asked for", below(upgraded(gigabyte)), asking{}, true, 0, "a message is larger than 1 MiB (max_message)"},
		{"message of max_message", served(says("0123456789")), asking{change: func(c *Config) { c.Receive, c.MaxMessage = new(1), 10 }}, true, 0, ""},
		{"message over max_message", served(says("0123456789")), asking{change: func(c *Config) { c.Receive, c.MaxMessage = new(1), 9 }}, true, 0,
			"a message is larger than 9 bytes (max_message)"},
		{"broken frame", below(upgraded(func(c net.Conn, in *bufio.Reader) {
			c.Write([]byte{0xf1, 1, 'x'})
			silent(c, in)
		})), asking{change: receive(1)}, true, 0, "the connection broke: "},
		{"not JSON", served(says("hello")), asking{reads: []string{"json"}}, true, 0, "the last message is not JSON: invalid character 'h'"},
		{"JSON a million deep", served(says(strings.Repeat("[", 1_000_000))), asking{reads: []string{"json"}}, true, 0,
			"the last message is not JSON: it is nested more than 10,000 deep"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url := c.url(t)
			start := time.Now()
			v, err := ask(t, url, c.asking)
			expect(t, err, strings.ReplaceAll(c.want, "ADDR", url[strings.Index(url, "//")+2:]))
			if v.Connected != c.connected || v.CloseCode != c.closeCode && c.closeCode != either {
				t.Errorf("connected %v with close_code %d, want %v, %d", v.Connected, v.CloseCode, c.connected, c.closeCode)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if checktypes.IsOwnFault(err) {
				t.Errorf("%v counts as polyhealth's own fault", err)
			}
		})
	}
}

// TestHangingLeavesNothing looks for what probes that hung leave behind while their
// check lives on.
func TestHangingLeavesNothing(t *testing.T) {
	for name, url := range map[string]string{
		"connect": "ws://" + blackhole(t), "TLS handshake": "wss://" + raw(t, silent), "upgrade": "ws://" + raw(t, silent),
	} {
		t.Run(name, func(t *testing.T) {
			a := asking{timeout: 100 * time.Millisecond}
			p := a.open(t, url)
			defer p.Close()
			before := goleak.IgnoreCurrent()
			for range 3 {
				_, err := a.probe(t, p)
				expect(t, err, "timed out after 100ms")
			}
			if err := goleak.Find(before); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestImplicitReceive waits for a message where a rule reads one.
func TestImplicitReceive(t *testing.T) {
	for _, name := range []string{"message", "messages", "json"} {
		v, err := ask(t, wsURL(serving(t, says(`{"a":1}`))), asking{reads: []string{name}})
		if err != nil || v.Message != `{"a":1}` || v.MessageCount != 1 {
			t.Errorf("where %s is read: %+v, %v", name, v, err)
		}
	}
}

// TestReceiveNothing does not wait where the file says so, whatever is read.
func TestReceiveNothing(t *testing.T) {
	v, err := ask(t, wsURL(serving(t, listens)), asking{reads: []string{"message"}, change: func(c *Config) { c.Receive = new(0) }})
	if err != nil || !v.Connected || v.Message != "" {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestKeptIsBounded receives more than a probe may keep.
func TestKeptIsBounded(t *testing.T) {
	flood := func(ctx context.Context, c *ws.Conn, r *nethttp.Request) {
		text := make([]byte, 1<<20)
		for c.Write(ctx, ws.MessageText, text) == nil {
		}
	}
	url := wsURL(serving(t, flood))
	many := func(c *Config) { c.Receive = new(1000) }
	_, err := ask(t, url, asking{change: many, reads: []string{"messages"}})
	expect(t, err, "the messages are larger than 16 MiB together")

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	v, err := ask(t, url, asking{change: func(c *Config) { c.Receive = new(100) }, reads: []string{"message_count"}})
	runtime.ReadMemStats(&after)
	if err != nil || v.MessageCount != 100 {
		t.Errorf("%d messages: %v", v.MessageCount, err)
	}
	// The test's own server allocates nothing for a message it repeats.
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 8<<20 {
		t.Errorf("100 MiB of messages that nobody reads took %d MiB", grew>>20)
	}
}

// pythonServer echoes by an implementation that is not Go's.
const pythonServer = `
import asyncio, websockets
async def echo(c, path=None):
    async for m in c:
        await c.send(m)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, subprotocols=["two"]) as s:
        print(s.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_event_loop().run_in_executor(None, input)
try:
    asyncio.run(main())
except EOFError:
    pass
`

func TestPythonPeer(t *testing.T) {
	server := exec.Command(python(t), "-c", pythonServer)
	stop, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop.Close()
		server.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"connect", "stream"} {
		v, err := ask(t, "ws://127.0.0.1:"+strings.TrimSpace(port), asking{change: func(c *Config) {
			c.Mode, c.Send, c.Receive, c.Subprotocols = mode, Messages{`{"é":1}`}, new(1), []string{"two"}
		}, reads: []string{"json", "ping"}})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := json.Marshal(v.JSON)
		if string(got) != `{"é":1}` || v.Ping <= 0 || v.Subprotocol != "two" {
			t.Errorf("%s: %+v", mode, v)
		}
	}
}

// python is a Python that has websockets.
func python(t *testing.T) string {
	for _, path := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(path, "-c", "import websockets").Run() == nil {
			return path
		}
	}
	if _, err := os.Stat("/usr/bin/python3"); err != nil {
		return checktest.Need(t, "python3")
	}
	checktest.Skip(t, "Python's websockets, which is not installed")
	return ""
}
