package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
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

func BenchmarkMetricsRuntimeOnly(b *testing.B) {
	s := newServer(newFakeView(), Sources{}, usualLimits())
	b.ReportAllocs()
	for b.Loop() {
		s.writeRuntime(io.Discard)
	}
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
