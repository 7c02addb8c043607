package http

import (
	"bufio"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

func TestConform(t *testing.T) {
	config := func(url string) func(*testing.T) any {
		return func(*testing.T) any {
			c := Type.NewConfig().(*Config)
			c.URL = url
			return c
		}
	}
	dead := config("http://" + refused(t))
	t.Run("answer", func(t *testing.T) {
		checktest.Conform(t, Type, checktest.Cases{
			Good:    config(serving(t, ok).URL),
			Hanging: config("http://" + raw(t, silent)),
			Dead:    dead,
		})
	})
	t.Run("TLS", func(t *testing.T) {
		checktest.Conform(t, Type, checktest.Cases{Good: config(serving(t, ok).URL), Hanging: config("https://" + raw(t, silent))})
	})
	t.Run("kept, retried, through a proxy", func(t *testing.T) {
		with := func(url, proxy string) func(*testing.T) any {
			return func(t *testing.T) any {
				c := config(url)(t).(*Config)
				c.KeepAlive, c.Retries, c.Proxy = true, 2, proxy
				return c
			}
		}
		checktest.Conform(t, Type, checktest.Cases{
			Good:    with(serving(t, ok).URL, ""),
			Hanging: with("https://example.invalid", "http://"+raw(t, silent)),
			Dead:    with("http://example.invalid", "http://"+refused(t)),
		})
	})
}

func TestVariables(t *testing.T) {
	serve := answers(203, `{"ok":true,"n":3,"f":1.5,"big":9007199254740993,"list":[1,{"a":null}]}`,
		"X-Many", "a", "X-Many", "b", "Content-Type", "application/json")
	got, err := ask(t, serve(t), asking{reads: []string{"status", "body", "json", "headers", "size"}})
	if err != nil {
		t.Fatal(err)
	}
	delete(got.Headers, "date")
	timing := got.Timing
	got.Timing = Timing{}
	body := `{"ok":true,"n":3,"f":1.5,"big":9007199254740993,"list":[1,{"a":null}]}`
	want := Vars{
		Status: 203, Body: body, Size: len(body), Attempts: 1,
		Headers: map[string]string{"x-many": "a, b", "content-type": "application/json", "content-length": fmt.Sprint(len(body))},
		JSON: map[string]any{
			"ok": true, "n": 3, "f": 1.5, "big": 9007199254740993, "list": []any{1, map[string]any{"a": nil}},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("variables (-want +got):\n%s", d)
	}
	if timing.Connect <= 0 || timing.FirstByte <= 0 || timing.Transfer <= 0 || timing.DNS != 0 || timing.TLS != 0 {
		t.Errorf("timing over plain HTTP to an address is %+v", timing)
	}
}

// TestUnread holds that what nobody reads is not made.
func TestUnread(t *testing.T) {
	v, err := ask(t, answers(200, "not JSON")(t), asking{reads: []string{"status"}})
	if err != nil {
		t.Fatal(err)
	}
	if v.Body != "" || v.JSON != nil || v.Headers != nil {
		t.Errorf("a probe of which only status is read made %+v", v)
	}
	if v.Size != 8 {
		t.Errorf("size is %d, want 8: the body is read in any case", v.Size)
	}
}

// TestTimingAddsUp delays each stage and looks for the delay where it belongs.
func TestTimingAddsUp(t *testing.T) {
	const pause = 60 * time.Millisecond
	wait := func() { <-time.After(pause) }
	authority := newAuthority(t)
	url := secure(t, authority.leaf(t, -time.Hour, time.Hour, "localhost"), func(w nethttp.ResponseWriter, r *nethttp.Request) {
		wait()
		if r.URL.Path == "/" {
			nethttp.Redirect(w, r, "/there", nethttp.StatusFound)
			return
		}
		w.Write([]byte("first"))
		w.(nethttp.Flusher).Flush()
		wait()
		w.Write([]byte("last"))
	}, nil)
	_, port, _ := net.SplitHostPort(url[len("https://"):])
	v, err := ask(t, "https://localhost:"+port, asking{change: func(c *Config) { c.TLS.CA = authority.file }})
	if err != nil {
		t.Fatal(err)
	}
	if v.Redirects != 1 || v.Timing.FirstByte < 2*pause || v.Timing.Transfer < pause || v.Timing.Transfer > 2*pause {
		t.Errorf("two answers after %v each, one body over %v, gave %d redirects and %+v", pause, pause, v.Redirects, v.Timing)
	}
	if v.Timing.DNS <= 0 || v.Timing.Connect <= 0 || v.Timing.TLS <= 0 {
		t.Errorf("timing has no DNS, connect or TLS: %+v", v.Timing)
	}
}

func TestRequest(t *testing.T) {
	type sent struct{ Method, Host, Body, Agent, Auth, Custom string }
	var got sent
	url := serving(t, func(w nethttp.ResponseWriter, r *nethttp.Request) {
		body, _ := io.ReadAll(r.Body)
		got = sent{r.Method, r.Host, string(body), r.UserAgent(), r.Header.Get("Authorization"), r.Header.Get("X-Custom")}
	}).URL
	host := url[len("http://"):]
	cases := []struct {
		name   string
		url    string
		change func(*Config)
		want   sent
	}{
		{"plain", url, func(*Config) {}, sent{"GET", host, "", "polyhealth/1", "", ""}},
		{"all", url, func(c *Config) {
			c.Method, c.Body = "PUT", "data"
			c.Headers = map[string]string{"host": "other.example", "user-agent": "me", "X-Custom": "yes"}
			c.Bearer = "token"
		}, sent{"PUT", "other.example", "data", "me", "Bearer token", "yes"}},
		{"basic", url, func(c *Config) { c.BasicAuth = &BasicAuth{"me", "pw"} }, sent{"GET", host, "", "polyhealth/1", "Basic bWU6cHc=", ""}},
		{"user in the url", "http://me:pw@" + host, func(*Config) {}, sent{"GET", host, "", "polyhealth/1", "Basic bWU6cHc=", ""}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ask(t, c.url, asking{change: c.change}); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("sent %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// TestConnections counts the connections of two checks with two probes each.
func TestConnections(t *testing.T) {
	for _, c := range []struct {
		keep bool
		tls  bool
		want int
	}{{false, false, 4}, {true, false, 1}, {false, true, 4}, {true, true, 1}} {
		t.Run(fmt.Sprintf("keep %v, TLS %v", c.keep, c.tls), func(t *testing.T) {
			authority := newAuthority(t)
			s := counted(t, authority, c.tls)
			shared := &checktypes.Shared{}
			a := asking{change: func(config *Config) {
				config.KeepAlive, config.TLS.CA = c.keep, authority.file
			}}
			one, two := opened(t, s.url, a, shared), opened(t, s.url, a, shared)
			defer two.Close()
			for range 2 {
				for _, p := range []checktypes.Probe{one, two} {
					v, err := a.probe(t, p)
					if err != nil || v.Status != 200 {
						t.Fatal(v.Status, err)
					}
					if c.tls && v.CertExpiresIn <= 0 {
						t.Errorf("cert_expires_in is %v", v.CertExpiresIn)
					}
				}
			}
			if n := int(s.connections.Load()); n != c.want {
				t.Errorf("%d connections, want %d", n, c.want)
			}
			one.Close()
			if _, err := a.probe(t, two); err != nil {
				t.Errorf("closing one check broke another: %v", err)
			}
		})
	}
}

// TestKeptConnectionClosed sends a POST over a kept connection that the server closes
// at that moment: it must not look like a failure of the server.
func TestKeptConnectionClosed(t *testing.T) {
	var connections atomic.Int32
	url := "http://" + raw(t, func(c net.Conn, in *bufio.Reader) {
		connections.Add(1)
		for n := range 2 {
			r, err := nethttp.ReadRequest(in)
			if err != nil || n > 0 {
				return
			}
			io.Copy(io.Discard, r.Body)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	a := asking{change: func(c *Config) { c.KeepAlive, c.Method, c.Body = true, "POST", "data" }}
	p := opened(t, url, a, &checktypes.Shared{})
	defer p.Close()
	for range 2 {
		if v, err := a.probe(t, p); err != nil || v.Status != 200 {
			t.Fatal(v.Status, err)
		}
	}
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestJudgeAndSummary(t *testing.T) {
	for status, want := range map[int]checktypes.Status{
		200: checktypes.Healthy, 302: checktypes.Healthy, 399: checktypes.Healthy,
		400: checktypes.Unhealthy, 404: checktypes.Unhealthy, 503: checktypes.Unhealthy,
	} {
		p := opened(t, answers(status, "")(t), asking{}, &checktypes.Shared{})
		facts, err := p.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		facts.Common().Latency = 35 * time.Millisecond
		if got := facts.Judge(); got != want {
			t.Errorf("%d is judged %v, want %v", status, got, want)
		}
		if got, want := facts.Summary(), fmt.Sprintf("%d in 35ms", status); got != want {
			t.Errorf("%d is described as %q, want %q", status, got, want)
		}
		p.Close()
	}
}
