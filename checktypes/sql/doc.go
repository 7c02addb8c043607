// Package sql is the check type that asks a database a question: SQLite,
// PostgreSQL, or MySQL and MariaDB.
//
// A probe runs one statement in a transaction that cannot write and is always
// rolled back, reads the whole answer within two limits (rows and bytes), and
// turns it into plain values. An answer that does not fit is an error: no rule
// ever judges a part of one. At the deadline the statement ends, on the server
// too: PostgreSQL is sent a cancel request, SQLite is interrupted, and servers are
// told beforehand how long the statement may take.
//
// What a read-only transaction does not hold back, a check can still do: call a
// function with effects outside of the database (pg_terminate_backend, SELECT …
// INTO OUTFILE) or set a global variable. Give a check a user that may only read.
//
// SQLite files are opened anew for each probe, since a file may be replaced or
// deleted beneath an open connection; where one is in WAL mode and no program has
// it open, SQLite leaves its -wal and -shm beside it. The servers' connections are
// kept between probes, and shared by the checks of one DSN.
package sql

//go:generate go run polyhealth/schema/fielddocs
