// Package engine is the loop: it compiles a file into a [Plan], keeps every
// check of the plan on its schedule, and turns results into status.
//
// Read it in the order in which a check lives:
//
//  1. file.go: the keys of the file, as structs.
//  2. compile*.go: [Compile] turns a document into a Plan without any I/O. The
//     same function serves validate, start and reload. expand.go first writes out
//     what the file says once for many: templates and for_each.
//  3. apply.go, diff.go: [Engine.Prepare] readies what a new Plan needs and
//     [Change.Commit] swaps it in. Unchanged checks keep state, phase and
//     connections.
//  4. schedule.go: one heap and one timer start each probe when it is due, and
//     give up on it after its deadline. awaken.go starts those sooner that are
//     judged by others, when one of these changes.
//  5. run.go: one probe, its panic contained, its result dropped where the
//     process itself was held up (stall.go).
//  6. evaluate.go: result → rules → status, message, metadata, and the rule that
//     decided.
//  7. state.go: [Advance], a pure function: results in a row → reported status.
//  8. component.go, event.go: what is now true is published for readers, who
//     never wait, and handed to the [Sink]s.
//  9. mend.go: what is shown of a repair; while it takes hold no result counts.
//
// The engine knows no concrete check type, no notifier, no store and no server:
// types and notifiers arrive in a [Registry], everything else behind Sink.
package engine

//go:generate go run polyhealth/schema/fielddocs
