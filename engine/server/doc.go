// Package server answers over HTTP, from memory: /health, /metrics, the API, the
// dashboard, and the commands of the admin socket. A request never runs a probe
// and never waits for one.
//
// Read it in this order:
//
//  1. view.go: what the server asks of the rest of the program.
//  2. server.go, listen.go, admin.go: listeners come and go, the server stays, so
//     that a reload can move it. limit.go bounds the connections.
//  3. route.go: which path means what, and who may.
//  4. health.go over component.go and json.go: the answers that other programs
//     poll, appended as bytes and kept (kept.go) until something changes.
//  5. metrics.go, metrics_checks.go, metrics_own.go over series.go and pieces.go.
//  6. alive.go, reload.go: the daemon itself.
//  7. api*.go, events.go, stream.go: what the dashboard is made of, and scripts may
//     use too.
//  8. page.go and assets: the dashboard.
package server
