// Package suite runs the unit tests of a file: its key tests. Each gives results of
// a check at made-up times, and says what is to come of them: status, rule, message,
// alerts. They go through the very code that judges real results and decides on
// real alerts, so that a test that passes says what the daemon will do.
//
//  1. file.go: the keys of a test, as structs.
//  2. [Compile] reads the tests against a plan. What is misspelt is a mistake of the
//     file, with its place: validate finds it too.
//  3. play.go: one test on its own clock, which makes a timeline.
//  4. compare.go: what was expected, against the timeline.
//  5. coverage.go: the rules that no test has made both true and false.
package suite

//go:generate go run polyhealth/schema/fielddocs
