package checktypes

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"polyhealth/schema"
)

// A Definition declares a check type whose keys are a C and whose rule variables
// are a V. See [Type] for how the parts are used.
type Definition[C, V any] struct {
	// Name is the type's key in the file, and the name of its folder.
	Name string
	// Doc is one sentence that says what the type checks.
	Doc string
	// Short names the key that a bare scalar or list stands for, such as "url"
	// in `http: https://example.org`; empty where there is no short form.
	Short string
	// Defaults holds the keys' values where the file is silent.
	Defaults C
	// Check notes what is wrong with decoded keys beyond their types, at n's
	// places, and may hide secrets through r or normalise c. It does no I/O.
	// Nil where the keys' types say it all.
	Check func(c *C, n *schema.Node, r *schema.Reader)
	// Shape says which fields variables of open shape are known to have, with
	// kinds "int", "float", "string", "bool", "time" or "any":
	// {"row": {"n": "int"}}. Nil where nothing is known.
	Shape func(c C) map[string]map[string]string
	// Without names variables that this check does not have, each with the reason
	// in the user's words, such as "mode: stream has it": a rule that reads one is a
	// mistake. Nil where all are there always.
	Without func(c C) map[string]string
	// Selects is which other checks a check of this type is judged by, for a type
	// that asks nobody: its probe reads Env.Members, and is run again when one of
	// them changes. The key that lists their names is Short. Nil for all other types.
	Selects func(c C) Selection
	// Open readies a probe without waiting for its target: a target that is down
	// is for Probe to say. An error is the file's or this machine's fault.
	Open func(c C, env Env) (Prober[V], error)
	// Derive fills in the variables that follow from those that a test gives, as the
	// probe would have: a row from the rows. has reports which are given, and is to
	// be told of those that are filled in. Nil where each must be given.
	Derive func(c *C, v *V, has Has)
	// Judge is the status of a probe that worked, for a check without rules.
	Judge func(c *C, v *V) Status
	// Summary describes a probe that worked in a few words, such as
	// "200 in 35ms"; v.Latency is set.
	Summary func(c *C, v *V) string
}

// Has are the variables that have a value, by their top-level names.
type Has map[string]bool

// A Prober probes one target. The engine never calls Probe again before the last
// call returned, and calls Close once, after the last Probe.
type Prober[V any] interface {
	// Probe fills v with the facts, or returns why it could not. The error's text
	// is the component's message: lower case, in the user's words, complete. What
	// polyhealth itself could not do is wrapped by [OwnFault]. Probe returns soon
	// after ctx ends; the engine gives up on it at its deadline in any case. v may
	// be partly filled beside an error (a status code whose body never ended).
	Probe(ctx context.Context, v *V) error
	// Close lets go of connections and processes. It may take a moment.
	Close() error
}

// Env is what a probe gets to live in.
type Env struct {
	// Name is the check's name.
	Name string
	// Dir is the folder that relative paths are relative to, absolute.
	Dir string
	// Timeout is the probe's deadline, for messages and for what ctx can't tell.
	Timeout time.Duration
	// Uses reports whether a rule, message or metadata value reads a variable, so
	// that what nobody reads need not be made. Nil means all are used.
	Uses func(variable string) bool
	// Shared holds what checks have in common: pools, clients, buses.
	Shared *Shared
	// Members are the checks that were selected, as they are now, in the order of
	// the file; ErrNotYet where one has had no result. Nil for types that select none.
	Members func() ([]Member, error)
	// Log is for what a person should know and no result says. It redacts.
	Log *slog.Logger
}

// Reads is env.Uses, for an Env whose Uses may be nil.
func (e Env) Reads(variable string) bool { return e.Uses == nil || e.Uses(variable) }

// A Type is a check type with its C and V erased: what the engine works with.
type Type struct {
	Name  string
	Doc   string
	Short string

	// Config is the zero of the keys' struct with defaults, for its shape. Never
	// modified: NewConfig returns a fresh pointer to decode into.
	Config    any
	NewConfig func() any
	// Vars is the zero of the variables' struct, for its shape.
	Vars any

	// Check, Shape, Without, Selects and Open are a Definition's, over the pointer from
	// NewConfig. Selects is nil where the definition's is.
	Check   func(config any, n *schema.Node, r *schema.Reader)
	Shape   func(config any) map[string]map[string]string
	Without func(config any) map[string]string
	Selects func(config any) Selection
	Open    func(config any, env Env) (Probe, error)
	// Blank are the facts of a probe that brought none back. Only Common and Env
	// may be asked of them.
	Blank func() Facts

	given func(config any, fill func(vars any), has Has) Facts
}

// A Probe is an opened check.
type Probe interface {
	// Run probes once. A panic is the caller's to contain.
	Run(ctx context.Context) (Facts, error)
	Close() error
}

// Facts are what one probe found: the type's variables, and what the type makes
// of them. They belong to the caller, who fills in Common before the rest.
type Facts interface {
	Common() *Common
	// Env is a copy of the variables' struct by value, boxed: what rules read.
	Env() any
	// Judge and Summary are the Definition's.
	Judge() Status
	Summary() string
}

// variables is the pointer to a V that embeds Common.
type variables[V any] interface {
	*V
	common() *Common
}

// Define makes a Type. It panics where the definition is incomplete, which the
// conformance test of checktypes/checktest turns into a message.
func Define[C, V any, P variables[V]](d Definition[C, V]) Type {
	if d.Name == "" || d.Open == nil || d.Judge == nil || d.Summary == nil {
		panic("checktypes: a definition needs Name, Open, Judge and Summary")
	}
	t := Type{
		Name: d.Name, Doc: d.Doc, Short: d.Short,
		Config: d.Defaults,
		NewConfig: func() any {
			c := d.Defaults
			return &c
		},
		Vars: reflect.Zero(reflect.TypeFor[V]()).Interface(),
		Check: func(config any, n *schema.Node, r *schema.Reader) {
			if d.Check != nil {
				d.Check(config.(*C), n, r)
			}
		},
		Shape: func(config any) map[string]map[string]string {
			if d.Shape == nil {
				return nil
			}
			return d.Shape(*config.(*C))
		},
		Without: func(config any) map[string]string {
			if d.Without == nil {
				return nil
			}
			return d.Without(*config.(*C))
		},
		Open: func(config any, env Env) (Probe, error) {
			c := config.(*C)
			p, err := d.Open(*c, env)
			if err != nil {
				return nil, err
			}
			return &probe[C, V, P]{prober: p, config: c, def: &d}, nil
		},
		Blank: func() Facts { return &facts[C, V, P]{} },
		given: func(config any, fill func(vars any), has Has) Facts {
			f := &facts[C, V, P]{probe: &probe[C, V, P]{config: config.(*C), def: &d}}
			fill(&f.v)
			if d.Derive != nil {
				d.Derive(f.probe.config, &f.v, has)
			}
			return f
		},
	}
	if d.Selects != nil {
		t.Selects = func(config any) Selection { return d.Selects(*config.(*C)) }
	}
	return t
}

type probe[C, V any, P variables[V]] struct {
	prober Prober[V]
	config *C
	def    *Definition[C, V]
}

func (p *probe[C, V, P]) Run(ctx context.Context) (Facts, error) {
	f := &facts[C, V, P]{probe: p}
	err := p.prober.Probe(ctx, &f.v)
	return f, err
}

func (p *probe[C, V, P]) Close() error { return p.prober.Close() }

type facts[C, V any, P variables[V]] struct {
	probe *probe[C, V, P]
	v     V
}

func (f *facts[C, V, P]) Common() *Common { return P(&f.v).common() }
func (f *facts[C, V, P]) Env() any        { return f.v }
func (f *facts[C, V, P]) Judge() Status   { return f.probe.def.Judge(f.probe.config, &f.v) }
func (f *facts[C, V, P]) Summary() string { return f.probe.def.Summary(f.probe.config, &f.v) }
