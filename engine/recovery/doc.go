// Package recovery tries to repair components: a step of a check's ladder, a time to
// settle, a probe; where that has not helped, the next step.
//
// It never fights. Nothing is done about what is unknown, in maintenance, blocked by
// what it depends on, flapping, acknowledged, or starting by itself already; nor while
// a large part of all checks is unhealthy at once, since the fault is then likely ours.
// How often something is done is limited for each component and for all together, and
// these limits outlive a restart: an action is kept as begun before it begins, so that
// one which polyhealth's own end interrupted is known, counted, and not done again.
//
//	       unhealthy            settle, probe
//	idle ──────────────► acting ─────────────► settling
//	 ▲                     ▲                      │ unhealthy still
//	 │ healthy             │ backoff is over      ▼
//	 │ for reset_after     └────────────────── waiting
//	 │                                            │ max_attempts within the window
//	 └─────────────────────────────────────── exhausted: one alert
//
// Read it in the order in which a repair lives:
//
//  1. decide.go: [decide], a pure function, says what to do about a component and why;
//     its table test is the truth table, and a property test on made-up time holds the
//     limits.
//  2. actor.go: [Actor] is told of every result, and looks at components that have a
//     ladder. lane.go is what it knows of one of them.
//  3. run.go: one action, in a goroutine of its own: whether it may be, its beginning
//     kept, done, its end kept, the check's results not counted until it has settled.
//  4. memory.go: what is remembered over a restart.
//
// What the actions do is in recovery/act.
package recovery
