// Package http is the check type that asks a web server: one request a probe,
// redirects followed, certificate and timings noted.
//
// A probe goes through these files in order: probe.go runs it, redirect.go drives
// the hops, retry.go sends one hop as often as `retries` allows, transport.go
// connects, trace.go listens to what the transport does, body.go reads the
// answer, and words.go says what went wrong.
//
// The plain way, without retries, drives the transport itself and never enters
// net/http's Client: a daemon may run thousands of probes a second.
package http

//go:generate go run polyhealth/schema/fielddocs
