package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"polyhealth/engine"
)

// sink is a ResponseWriter that costs nothing.
type sink struct {
	header http.Header
	n      int
	code   int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(c int)   { s.code = c }
func (s *sink) Write(b []byte) (int, error) {
	s.n += len(b)
	return len(b), nil
}

func BenchmarkHealthRender(b *testing.B) {
	s := newServer(newFakeView(many(10000)...), Sources{}, usualLimits())
	buf, _ := s.renderHealth(nil)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = s.renderHealth(buf[:0])
	}
}

func BenchmarkHealthKept(b *testing.B) {
	s := newServer(newFakeView(many(10000)...), Sources{}, usualLimits())
	w := &sink{header: http.Header{}}
	r := httptest.NewRequest("GET", "/health", nil)
	b.ReportAllocs()
	for b.Loop() {
		s.health(w, r, "")
	}
}

func BenchmarkMetrics(b *testing.B) {
	s := newServer(newFakeView(many(10000)...), Sources{}, usualLimits())
	w := &sink{header: http.Header{}}
	r := httptest.NewRequest("GET", "/metrics", nil)
	b.ReportAllocs()
	for b.Loop() {
		w.n = 0
		s.metrics(w, r, "")
	}
	b.SetBytes(int64(w.n))
}

func BenchmarkChecksAPI(b *testing.B) {
	s := newServer(newFakeView(many(10000)...), Sources{}, usualLimits())
	w := &sink{header: http.Header{}}
	r := httptest.NewRequest("GET", "/api/v1/checks?sparkline=false", nil)
	b.ReportAllocs()
	for b.Loop() {
		s.checks(w, r, "")
	}
}

func BenchmarkDifference(b *testing.B) {
	before, after := many(10000), many(10000)
	b.ReportAllocs()
	for b.Loop() {
		difference(before, after, func(s string) string { return s })
	}
}

// probed is a real engine of n checks, each of which has been probed.
func probed(b *testing.B, n int) *engine.Engine {
	var file strings.Builder
	file.WriteString("defaults: {interval: 2s}\nchecks:\n")
	for i := range n {
		fmt.Fprintf(&file, "  service-%05d: {said: word, tags: [prod, eu-west], rules: {degraded: value > 5}}\n", i)
	}
	said := &said{value: map[string]int{}}
	e := engine.New(slog.New(slog.NewTextHandler(io.Discard, nil)))
	said.swap(b, e, file.String())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); e.Run(ctx, 5*time.Second) }()
	until(b, "all are probed", e.Ready)
	cancel()
	<-ended
	return e
}

// BenchmarkEngine is what answers cost over a real engine of ten thousand checks.
func BenchmarkEngine(b *testing.B) {
	s := newServer(probed(b, 10000), Sources{}, usualLimits())
	w := &sink{header: http.Header{}}
	b.Run("health", func(b *testing.B) {
		var body []byte
		b.ReportAllocs()
		for b.Loop() {
			body, _ = s.renderHealth(body[:0])
		}
	})
	b.Run("metrics", func(b *testing.B) {
		r := httptest.NewRequest("GET", "/metrics", nil)
		b.ReportAllocs()
		for b.Loop() {
			w.n = 0
			s.metrics(w, r, "")
		}
		b.ReportMetric(float64(w.n), "bytes")
	})
	b.Run("checks", func(b *testing.B) {
		r := httptest.NewRequest("GET", "/api/v1/checks", nil)
		b.ReportAllocs()
		for b.Loop() {
			s.checks(w, r, "")
		}
	})
}
