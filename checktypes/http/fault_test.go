package http

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"polyhealth/checktypes"
)

const short = 300 * time.Millisecond

func rawURL(serve func(net.Conn, *bufio.Reader)) func(t *testing.T) string {
	return func(t *testing.T) string { return "http://" + raw(t, serve) }
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

// forever writes b until the other end has had enough.
func forever(b []byte) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, _ *bufio.Reader) {
		for {
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	}
}

// bomb is 64 MiB of zeros, gzipped to 64 KiB.
func bomb(w nethttp.ResponseWriter, _ *nethttp.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	io.Copy(z, io.LimitReader(zeros{}, 64<<20))
	z.Close()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestFaults is what a probe says of servers that misbehave. ADDR in a message is
// the server's address.
func TestFaults(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	const endless = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
	block := bytes.Repeat([]byte("x"), 64<<10)
	cases := []struct {
		name   string
		url    func(t *testing.T) string
		asking asking
		status int
		want   string
	}{
		{"refused", func(t *testing.T) string { return "http://" + refused(t) }, asking{}, 0, "connection refused by ADDR"},
		{"unresolvable", func(*testing.T) string { return "http://polyhealth.invalid" }, asking{}, 0, "cannot resolve polyhealth.invalid: no such host"},
		{"never answers", rawURL(silent), asking{timeout: short}, 0, "timed out after 300ms waiting for the first byte"},
		{"never connects", func(t *testing.T) string { return "http://" + blackhole(t) }, asking{timeout: short}, 0, "timed out after 300ms connecting to ADDR"},
		{"never shakes hands", func(t *testing.T) string { return "https://" + raw(t, silent) }, asking{timeout: short}, 0,
			"timed out after 300ms during the TLS handshake"},
		{"headers by the byte", rawURL(then("HTTP/1.1 200 OK\r\nX: ", drip)), asking{timeout: short}, 0, "timed out after 300ms reading the headers"},
		{"body by the byte", rawURL(then(head, drip)), asking{timeout: short}, 200, "timed out after 300ms reading the body"},
		{"hangs up after the request", rawURL(then("", hangUp)), asking{}, 0, "the server closed the connection before it answered"},
		{"hangs up in the headers", rawURL(then("HTTP/1.1 200 OK\r\nX: ", hangUp)), asking{}, 0, "the server closed the connection before it answered"},
		{"hangs up in the body", rawURL(then(head+"half", hangUp)), asking{}, 200, "the server closed the connection in the middle of the body"},
		{"resets after the request", rawURL(then("", reset)), asking{}, 0, "connection reset before the server answered"},
		// More than the kernel's buffers hold, so that the probe is surely at the body.
		{"resets in the body", rawURL(then(endless, func(c net.Conn, in *bufio.Reader) {
			io.Copy(c, io.LimitReader(zeros{}, 64<<20))
			reset(c, in)
		})), asking{change: func(c *Config) { c.MaxBody = 128 << 20 }, reads: []string{"status"}}, 200, "connection reset while reading the body"},
		{"speaks SSH", rawURL(func(c net.Conn, in *bufio.Reader) {
			io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n")
			silent(c, in)
		}), asking{timeout: time.Second}, 0, "the answer is not HTTP: "}, // malformed, or before it was asked: a race
		{"speaks plain HTTP", func(t *testing.T) string { return strings.Replace(answers(200, "")(t), "http:", "https:", 1) }, asking{}, 0,
			"the server does not speak TLS: it answered in plain HTTP"},
		{"speaks neither", func(t *testing.T) string {
			return "https://" + raw(t, func(c net.Conn, in *bufio.Reader) {
				io.WriteString(c, "220 mail.example.org ESMTP\r\n")
				silent(c, in)
			})
		}, asking{}, 0, "the server does not speak TLS"},
		{"10 GB body", rawURL(then(endless, forever(block))), asking{}, 200, "the body is larger than 1 MiB (max_body)"},
		{"10 GB body that nobody reads", rawURL(then(endless, forever(block))), asking{reads: []string{"status"}}, 200,
			"the body is larger than 1 MiB (max_body)"},
		{"gzip bomb", func(t *testing.T) string { return serving(t, bomb).URL }, asking{}, 200, "the body is larger than 1 MiB (max_body)"},
		{"broken gzip", answers(200, "not gzip at all", "Content-Encoding", "gzip"), asking{}, 200, "the body is not the gzip that its header says"},
		{"small max_body", answers(200, "0123456789"), asking{change: func(c *Config) { c.MaxBody = 9 }}, 200, "the body is larger than 9 bytes (max_body)"},
		{"body of max_body", answers(200, "0123456789"), asking{change: func(c *Config) { c.MaxBody = 10 }}, 200, ""},
		{"100 MB header", rawURL(then("HTTP/1.1 200 OK\r\nX: ", forever(block))), asking{}, 0, "the answer's headers are larger than 64 KiB"},
		{"endless headers", rawURL(then("HTTP/1.1 200 OK\r\n", forever([]byte("X: y\r\n")))), asking{}, 0, "the answer's headers are larger than 64 KiB"},
		{"endless 100 Continue", rawURL(then("", forever([]byte("HTTP/1.1 103 Early Hints\r\n\r\n")))), asking{timeout: 5 * time.Second}, 0,
			"the answer's headers are larger than 64 KiB"},
		{"endless redirects", answers(302, "", "Location", "/again"), asking{}, 302, "stopped after 10 redirects"},
		{"redirect to nowhere", answers(302, "", "Location", "mailto:ops@example.org"), asking{}, 302, `cannot follow the redirect to "mailto:ops@example.org"`},
		{"JSON a million deep", answers(200, strings.Repeat("[", 1_000_000)), asking{reads: []string{"json"}}, 200,
			"the answer is 200 and its body is not JSON: it is nested more than 10,000 deep"},
		{"HTML for JSON", answers(502, "<html>"), asking{reads: []string{"json"}}, 502,
			"the answer is 502 and its body is not JSON: invalid character '<' looking for beginning of value"},
		{"nothing for JSON", answers(204, ""), asking{reads: []string{"json"}}, 204, "the answer is 204 and its body is not JSON: it is empty"},
		{"no certificate to read", answers(200, ""), asking{reads: []string{"cert_expires_in"}}, 200,
			"there is no certificate for cert_expires_in: ADDR answered without TLS"},
		{"refused by the proxy's port", answers(200, ""), asking{change: func(c *Config) { c.Proxy = "http://" + refused(t) }}, 0,
			"cannot connect to the proxy: connection refused by "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url := c.url(t)
			v, err := ask(t, url, c.asking)
			expect(t, err, strings.ReplaceAll(c.want, "ADDR", url[strings.Index(url, "//")+2:]))
			if v.Status != c.status {
				t.Errorf("status is %d, want %d", v.Status, c.status)
			}
			if checktypes.IsOwnFault(err) {
				t.Errorf("%v counts as polyhealth's own fault", err)
			}
		})
	}
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

// TestHangingLeavesNothing looks for what probes that hung leave behind while their
// check lives on: the transport would go on with what it began.
func TestHangingLeavesNothing(t *testing.T) {
	answering := raw(t, silent)
	cases := map[string]func(c *Config){
		"connect":       func(c *Config) { c.URL = "http://" + blackhole(t) },
		"TLS handshake": func(c *Config) { c.URL = "https://" + answering },
		"proxy":         func(c *Config) { c.URL, c.Proxy = "https://example.invalid", "http://"+answering },
		"SOCKS proxy":   func(c *Config) { c.URL, c.Proxy = "http://example.invalid", "socks5://"+answering },
		"first byte":    func(c *Config) { c.URL = "http://" + answering },
	}
	for name, change := range cases {
		for _, keep := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, keep_alive %v", name, keep), func(t *testing.T) {
				a := asking{timeout: 100 * time.Millisecond, change: func(c *Config) {
					change(c)
					c.KeepAlive = keep
				}}
				p := opened(t, "", a, &checktypes.Shared{})
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
}

// TestBoundedMemory holds the memory of a probe that reads everything of an endless
// or exploding body to a small multiple of max_body.
func TestBoundedMemory(t *testing.T) {
	for name, url := range map[string]string{
		"endless": "http://" + raw(t, then("HTTP/1.1 200 OK\r\n\r\n", forever(bytes.Repeat([]byte("["), 64<<10)))),
		"bomb":    serving(t, bomb).URL,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ask(t, url, asking{reads: []string{"body", "json"}})
			runtime.ReadMemStats(&after)
			expect(t, err, "the body is larger than 1 MiB (max_body)")
			if grew := after.TotalAlloc - before.TotalAlloc; grew > 12<<20 {
				t.Errorf("the probe allocated %d MiB", grew>>20)
			}
		})
	}
}

// starveVariable makes the test binary probe its value with no file descriptor left.
const starveVariable = "POLYHEALTH_TEST_STARVE"

func starve(url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // opens what the runtime's poller needs
	if err != nil {
		panic(err)
	}
	limit := syscall.Rlimit{Cur: 20, Max: 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		panic(err)
	}
	for err == nil {
		_, err = syscall.Open("/", syscall.O_RDONLY, 0)
	}
	config := Type.NewConfig().(*Config)
	config.URL = url
	p, err := Type.Open(config, checktypes.Env{Shared: &checktypes.Shared{}})
	if err == nil {
		_, err = p.Run(context.Background())
	}
	l.Close()
	os.Stdout.WriteString(err.Error() + "\n")
	if !checktypes.IsOwnFault(err) {
		os.Exit(3)
	}
}

// TestNoFilesLeft runs out of file descriptors for real, in another process.
func TestNoFilesLeft(t *testing.T) {
	for url, want := range map[string]string{
		answers(200, "")(t):      "cannot open a connection: too many open files\n",
		"http://example.invalid": "cannot resolve example.invalid: too many open files\n",
	} {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), starveVariable+"="+url)
		out, err := child.Output()
		if string(out) != want || err != nil {
			t.Errorf("%s: the process said %q (%v), want %q", url, out, err, want)
		}
	}
}
