// Package alert turns what the engine observes into messages to people: a
// component's status, by the rules of a route, to the route's notifiers.
//
// It is level-triggered. Each notifier of a route remembers what it was last told
// of each component (engine.Notified, kept over restarts), and is brought to what
// is now true: [decide] compares the two and says which message is due and when.
// There is no queue of messages that could overflow, arrive late or out of order;
// a notifier that was down for an hour then tells the present.
//
// Read it in the order in which an alert lives:
//
//  1. change.go: [Dispatcher.Prepare] opens a plan's notifiers, [Change.Commit]
//     lets them take over. An unchanged notifier goes on with what it was at.
//  2. dispatcher.go: [Dispatcher.Observe] hands a component to the outlets of its
//     routes, without waiting, once its change of status is kept.
//  3. outlet.go, lane.go: an outlet is one notifier of one route, with a goroutine of its
//     own: a dead one delays no other.
//  4. decide.go: what is due, a pure function; its table test is the truth table.
//  5. hold.go, silence.go: what is due and not told for now, and why.
//  6. bundle.go: what is told as one message, and that it is about to be told is kept.
//  7. message.go: what is said.
//  8. send.go: sent, tried again with growing pauses, or given up on, loudly.
//
// A notifier is a documented value, a [Kind], made by [Define]; the list of all
// is in alert/all.
package alert
