package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The test binary plays these parts in processes of their own, so that the CPU
// of each is its own.
const (
	asTarget = "TEST_AS_TARGET"
	asLoop   = "TEST_AS_LOOP"
)

// arrivals is what the target knows of the requests it got: since the last
// question, but for Paths and Round.
type arrivals struct {
	Count  int     `json:"count"`
	Paths  int     `json:"paths"`  // different ones, ever
	Round  float64 `json:"round"`  // from the first request ever to the last path's first, in s
	P99    float64 `json:"p99"`    // of the gaps' deviations from the interval, in ms
	Most   float64 `json:"most"`   // the greatest of them
	Missed int     `json:"missed"` // gaps of more than one and a half intervals
}

// serveTarget answers every request with a small JSON, and /stats?interval=10s
// with what it has seen since that was last asked.
func serveTarget() {
	var mu sync.Mutex
	var count atomic.Int64
	last, deviations := map[string]time.Time{}, []float64{}
	interval, missed := 10*time.Second, 0
	var first, round time.Time
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stats" {
			mu.Lock()
			defer mu.Unlock()
			interval, _ = time.ParseDuration(r.URL.Query().Get("interval"))
			a := arrivals{Count: int(count.Swap(0)), Paths: len(last), Round: round.Sub(first).Seconds(), Missed: missed}
			if slices.Sort(deviations); len(deviations) > 0 {
				a.P99, a.Most = deviations[len(deviations)*99/100], deviations[len(deviations)-1]
			}
			deviations, missed = deviations[:0], 0
			_ = json.NewEncoder(w).Encode(a)
			return
		}
		now := time.Now()
		count.Add(1)
		mu.Lock()
		before, known := last[r.URL.Path]
		switch {
		case known:
			deviations = append(deviations, float64((now.Sub(before)-interval).Abs())/1e6)
			if now.Sub(before) > interval*3/2 {
				missed++
			}
		case len(last) == 0:
			first, round = now, now
		default:
			round = now
		}
		last[r.URL.Path] = now
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"ok","queue":3}`)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stderr, "address=%s\n", l.Addr())
	panic(http.Serve(l, http.HandlerFunc(handler)))
}

// bareLoop is the reference: a goroutine and a ticker a check, net/http, status
// and JSON judged, nothing kept. Its arguments are the target's address, the
// number of checks, the interval, and the connection policy: pool, held or dial.
func bareLoop(args []string) {
	n, _ := strconv.Atoi(args[1])
	interval, _ := time.ParseDuration(args[2])
	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConnsPerHost = 100
	pool.DisableKeepAlives = args[3] == "dial"
	for i := range n {
		go func() {
			client := &http.Client{Transport: pool, Timeout: 10 * time.Second}
			if args[3] == "held" {
				client.Transport = http.DefaultTransport.(*http.Transport).Clone()
			}
			time.Sleep(interval * time.Duration(i) / time.Duration(n))
			for range time.Tick(interval) {
				probeBare(client, fmt.Sprintf("http://%s/%d", args[0], i))
			}
		}()
	}
	fmt.Fprintln(os.Stderr, "address=none")
	select {}
}

func probeBare(client *http.Client, url string) {
	resp, err := client.Get(url)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	var v map[string]any
	if err != nil || json.Unmarshal(body, &v) != nil || resp.StatusCode != 200 || v["status"] != "ok" {
		fmt.Fprintln(os.Stderr, "unhealthy:", url)
	}
}
