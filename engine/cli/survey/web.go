package survey

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// An Answer is what a port answered to one GET of /.
type Answer struct {
	Status int // 0 where it does not speak HTTP, or was not asked
	URL    string
}

// webPorts are those that usually speak HTTP, and tlsPorts those that speak it
// encrypted.
var (
	webPorts = []int{80, 443, 3000, 5000, 8000, 8008, 8080, 8081, 8082, 8088, 8443, 8888, 9000, 9443}
	tlsPorts = []int{443, 8443, 9443}
)

// shortly is how long an answer may take.
const shortly = 2 * time.Second

// Probe asks each port of this machine's loopback for / by HTTP, once.
func (m *Machine) Probe(ctx context.Context) {
	var wait sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range m.Listeners {
		l := &m.Listeners[i]
		if !l.Address.IsLoopback() {
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			l.Answer = ask(ctx, l)
		})
	}
	wait.Wait()
}

func ask(ctx context.Context, l *Listener) (a Answer) {
	a.URL = l.url()
	ctx, cancel := context.WithTimeout(ctx, shortly)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL, nil)
	if err != nil {
		return a
	}
	req.Header.Set("User-Agent", "polyhealth/1")
	client := http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // whatever name it has
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return a
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<10)
	resp.Body.Close()
	a.Status = resp.StatusCode
	return a
}

// url is where the port's pages would be.
func (l *Listener) url() string {
	scheme := "http"
	if slices.Contains(tlsPorts, l.Port) {
		scheme = "https"
	}
	host := net.JoinHostPort(l.Address.String(), strconv.Itoa(l.Port))
	if scheme == "http" && l.Port == 80 || l.Port == 443 {
		host = l.Address.String()
		if l.Address.Is6() {
			host = "[" + host + "]"
		}
	}
	return fmt.Sprintf("%s://%s/", scheme, host)
}
