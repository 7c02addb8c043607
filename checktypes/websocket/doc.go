// Package websocket is the check type that opens a WebSocket, in one of two ways.
//
// In mode connect (connect.go, inbox.go) each probe opens a connection, says what
// `send` says, pings, waits for the messages that `receive` asks for, and closes.
//
// In mode stream (stream.go) one connection stays open from probe to probe. A
// goroutine (connection.go) subscribes, counts, pings, and connects again when the
// connection is lost. A probe reports what it knows (facts.go), and never waits but
// for the first of it.
//
// Both dial by dial.go, and explain by words.go why a connection ended.
package websocket

//go:generate go run polyhealth/schema/fielddocs
