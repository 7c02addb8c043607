package systemd

import (
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// asExchange makes the test binary the exchange that the bot trades at.
const asExchange = "TEST_AS_EXCHANGE"

const subscription = `{"type": "market", "assets_ids": ["1"]}`

func TestMain(m *testing.M) {
	if os.Getenv(asExchange) != "" {
		panic(http.ListenAndServe("localhost:8080", new(exchange)))
	}
	os.Exit(m.Run())
}

// exchange starts the unit exchange.
func (m *machine) exchange(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	m.Run(t, "systemd-run", "--unit=exchange", "--setenv="+asExchange+"=1", m.Copy(t, self))
}

// An exchange answers /time, sends prices over /ws to whom subscribes, and does
// either as it is told by /be?time=CODE and /be?feed=silent.
type exchange struct {
	code   atomic.Int64 // that /time answers; 0 for 200
	silent atomic.Bool
}

func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/be":
		if code, err := strconv.Atoi(r.FormValue("time")); err == nil {
			x.code.Store(int64(code))
		}
		x.silent.Store(r.FormValue("feed") == "silent")
	case "/time":
		if code := x.code.Load(); code != 0 {
			w.WriteHeader(int(code))
		}
		_, _ = w.Write([]byte("1763990000"))
	case "/ws":
		x.feed(w, r)
	}
}

func (x *exchange) feed(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	if _, said, err := c.Read(r.Context()); err != nil || string(said) != subscription {
		return
	}
	for ctx := c.CloseRead(r.Context()); ctx.Err() == nil; time.Sleep(50 * time.Millisecond) { // the pace of prices
		if !x.silent.Load() {
			_ = c.Write(ctx, websocket.MessageText, []byte(`{"price": "0.41"}`))
		}
	}
}
