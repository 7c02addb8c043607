// Package store keeps what must outlive the process: the newest row of each
// component, what a restart needs, every result, every transition, and what
// routes were told, and what was done to repair components. It is the only place that knows SQLite's SQL.
//
// One goroutine writes, in transactions a second apart, or within 100 ms of a
// change of status. Whoever observes never waits for it: events go to a bounded
// memory and the writer takes them from there. Readers have connections of their
// own, and see what was committed.
//
// # What is written when
//
// A database page costs 4 KiB however little of it changes, so what is cheap is
// decided by pages:
//
//   - Results are a journal (table history). A row holds the results of all
//     checks of a moment, about 800 of them in 4,000 bytes, so that a row is a
//     page. The last row is rewritten until it is full. (codec.go, journal.go)
//   - A component whose status changed, or whose results changed from good to bad
//     or back, is written in the next transaction: its row of service_health and
//     its row of checks, which is what a restart goes on from.
//   - A component that merely moved on (another time, a count, other words) waits
//     for a sweep, which takes 200 rows of service_health a second in the order of
//     the file. With up to 200 results a second every row is therefore current
//     within a second; at 1,000 a second, of 10,000 checks, within a minute.
//     (sweep.go)
//   - Rows of checks are swept more slowly still, since nothing is lost by it: a
//     restart replays the journal's results that a row does not hold yet, by
//     engine.Advance, the same function that the engine counts by. (restore.go)
//
// Killed at any moment, the process loses at most the last second, and a change
// of status at most 100 ms (a second in a storm of them).
//
// # When the disk fails
//
// A full, read-only or broken disk stops nothing. The writer tries again after a
// second, then less often, up to once a minute; meanwhile the newest state of
// every component stays in memory and results wait in a queue of 100,000, of
// which the oldest are dropped and counted. [Store.Health] tells. A start on such a
// disk knows what can be read from it. (disk.go)
package store
