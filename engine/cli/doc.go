// Package cli is the command line: one file a command, and the only place that
// wires the engine to check types, store, alerts and server. daemon.go is that
// wiring, top to bottom, in the order in which a daemon starts.
package cli

//go:generate sh -c "go run polyhealth schema >../../schema/polyhealth.schema.json"
