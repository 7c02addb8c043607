package alert

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"polyhealth/engine"
	"polyhealth/schema"
)

// A Definition declares a kind of notifier whose keys are a C.
type Definition[C any] struct {
	// Name is its key in a route, and the name of its folder.
	Name string
	// Doc is one sentence that says where it sends to.
	Doc string
	// Short names the key that a bare scalar or list stands for, or is empty.
	Short string
	// Defaults holds the keys' values where the file is silent.
	Defaults C
	// Check notes what is wrong with decoded keys beyond their types, at n's
	// places, and may hide secrets through r. It does no I/O. May be nil.
	Check func(c *C, n *schema.Node, r *schema.Reader)
	// Open readies a notifier without reaching for its target. An error is the
	// file's or this machine's fault.
	Open func(c C, env Env) (Notifier, error)
}

// Env is what a notifier gets to live in.
type Env struct {
	// Route is the name of its route.
	Route string
	// Dir is the folder that relative paths are relative to, absolute.
	Dir string
	// Log is for what a person should know and no outcome says. It redacts.
	Log *slog.Logger
}

// A Notifier sends messages to one place. Send is called by one goroutine at a
// time, and returns soon after ctx ends.
type Notifier interface {
	Send(ctx context.Context, m Message) Outcome
}

// A Kind is a kind of notifier with its C erased: what the dispatcher works with.
type Kind struct {
	engine.NotifierType
	// Open is the Definition's, over the pointer from NewConfig.
	Open func(config any, env Env) (Notifier, error)
}

// Define makes a Kind.
func Define[C any](d Definition[C]) Kind {
	k := Kind{
		NotifierType: engine.NotifierType{
			Name: d.Name, Doc: d.Doc, Short: d.Short, Config: d.Defaults,
			NewConfig: func() any {
				c := d.Defaults
				return &c
			},
		},
		Open: func(config any, env Env) (Notifier, error) { return d.Open(*config.(*C), env) },
	}
	if d.Check != nil {
		k.Check = func(config any, n *schema.Node, r *schema.Reader) { d.Check(config.(*C), n, r) }
	}
	return k
}

// Types are the kinds as the engine's compiler needs them.
func Types(kinds []Kind) []engine.NotifierType {
	types := make([]engine.NotifierType, len(kinds))
	for i, k := range kinds {
		types[i] = k.NotifierType
	}
	return types
}

// An Outcome is what became of one attempt to send. Make it by Sent, Retry,
// Later or Permanent.
type Outcome struct {
	result result
	after  time.Duration
	err    error
	maybe  bool
}

type result uint8

const (
	failed result = iota // the zero Outcome is no success
	sent
	retry
	later
)

// Sent: the place has taken the message.
func Sent() Outcome { return Outcome{result: sent} }

// Retry: it may work later, and not before after has passed.
func Retry(err error, after time.Duration) Outcome {
	return Outcome{result: retry, err: err, after: after}
}

// Later: nothing was tried, since the place wants no message before after has
// passed.
func Later(after time.Duration) Outcome { return Outcome{result: later, after: after} }

// Permanent: the message, or the configuration, will never do.
func Permanent(err error) Outcome { return Outcome{result: failed, err: err} }

// Maybe is the outcome of an attempt that failed, and yet may have arrived: the place
// took the message, and was not heard of again.
func (o Outcome) Maybe() Outcome {
	o.maybe = o.result != sent && o.result != later
	return o
}

// String is the outcome in words.
func (o Outcome) String() string {
	switch o.result {
	case sent:
		return "sent"
	case retry:
		return fmt.Sprintf("retry after %s: %v", o.after, o.err)
	case later:
		return fmt.Sprintf("later, after %s", o.after)
	}
	return fmt.Sprintf("permanent: %v", o.err)
}
