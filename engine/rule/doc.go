// Package rule is the language of rules, messages and metadata. It compiles expr
// expressions against a struct of variables and runs them, and is the only
// package that knows the library behind the language, expr-lang/expr.
//
// The library parses, makes bytecode and runs it. The check of an expression,
// and what its parts mean, is ours, for three reasons: a person gets all mistakes
// at once and in their own words; a quoted duration is understood where it meets
// a duration; and nothing fails open. The library compares null, NaN, a missing
// field or a string with a number, and says false; here each of these is an
// error when the rule runs, so that the result is unknown and never healthy by
// accident. So a node whose types are certain stays the library's own and runs
// without an allocation, and every other node becomes a call of one of our sites,
// which looks at the values first and knows the source text to blame.
//
// The way through the package:
//
//  1. scan refuses what is too long or too deep before anything recurses into it;
//  2. parse makes the library's tree, and rewords what is wrong with the syntax;
//  3. checker walks the tree, notes every mistake and makes the tree that runs;
//  4. assemble makes the bytecode, and a Program runs it on a VM;
//  5. Explain tells, of a rule that has decided, which values made it so.
//
// Some functions look back: avg(latency, "10m") and its like over the latencies of a
// window, count_status over its statuses, rate, delta and changed at the value that
// an expression had in an earlier result. What they need to be kept is known when
// they are compiled ([Needs]); a [Memory] keeps that much, and is lent to the machine
// for the time of a judgement, so that the same memory, result and variables always
// give the same answer. Where there is nothing to look back at, they are null, which
// is neither true nor false, nor more nor less than anything.
//
// On its way the checker also notes what is legal and surely unmeant (doubt.go),
// by what is known of a variable's values (domain.go), and what a rule claims as a
// whole (claim.go), so that one that is always true, or never, is found.
//
// What bounds an expression: 16 KiB of source, 100 levels of nesting, 5,000 parts,
// and 2 million steps a run, where each element that a loop visits, each element
// of a list that is made and each 64 bytes of text that are read or made count
// as a step; a regular expression costs by its size as well. A run therefore ends
// within a second or so, whatever it is given, and a nested loop over large lists
// is an error instead of a hang. Whoever runs several on one result bounds their time
// together ([VM.Until]).
//
// Where the language differs from expr's own documentation: text counts and
// slices in characters; keys, values and toPairs are sorted; toJSON is compact;
// max, min, mean and median of nothing are errors, and of latency and a quoted
// duration they are those of a window; a quoted version is one where it meets a
// version; repeat, now(), timezone and whatever else reads the world or has no bound
// are not there. [Functions] lists all that are.
package rule
