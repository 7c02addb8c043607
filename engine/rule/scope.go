package rule

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// A Scope is what expressions of one check type may read: it compiles them. Equal
// texts share one program. A Scope is safe for concurrent use.
type Scope struct {
	*terms

	mu       sync.Mutex
	compiled map[unit]result
}

// terms are what the names in an expression stand for.
type terms struct {
	*base
	vars typ
}

// base is what a scope has in common with those made from it by WithShape. The
// library's cache of types is not safe for concurrent use, hence the lock.
type base struct {
	compiling sync.Mutex
	config    *conf.Config
	envType   reflect.Type
	whole     typ // the variables, as far as their struct tells
	functions map[string]*function
	elsewhere func(variable string) (hint string)
}

// A unit is one expression, and what it is for.
type unit struct {
	text string
	rule bool // it must be true or false
}

type result struct {
	program  *Program
	mistakes []Mistake
}

// maxCompiled bounds what a scope keeps; above it, it starts anew.
const maxCompiled = 1 << 16

// NewScope makes a scope of a struct's exported fields and those of the structs it
// embeds, by their `expr` tags. vars must be a struct, by value, of which only the
// type matters; what runs on the scope's programs must be of the same type. A
// scope costs a fraction of a millisecond and is meant to be kept.
func NewScope(vars any) *Scope {
	t := reflect.TypeOf(vars)
	if t == nil || t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("rule: variables are a struct, not a %T", vars))
	}
	whole := typ{kind: record, goType: t, fields: structFields(t, 0)}
	return &Scope{terms: &terms{&base{config: conf.New(vars), envType: t, whole: whole, functions: functions()}, whole}}
}

// WithShape is a scope in which fields of open maps are known: {"row": {"n":
// "int"}} says that row has the one field n, so that any other is a mistake.
// Kinds are int, float, string, bool, time and any; for a list of maps the fields
// are those of its elements. It costs little, and leaves s as it is.
func (s *Scope) WithShape(shape map[string]map[string]string) *Scope {
	shapely := &Scope{terms: &terms{s.base, s.vars}}
	shapely.vars.fields = slices.Clone(s.vars.fields)
	for i := range shapely.vars.fields {
		f := &shapely.vars.fields[i]
		if fields, ok := shape[f.name]; ok {
			f.typ = shaped(f.typ, fields)
		}
	}
	return shapely
}

// WithKeys is a scope in which all keys that a map has are known: another one is a
// mistake.
func (s *Scope) WithKeys(variable string, keys []string) *Scope {
	known := &Scope{terms: &terms{s.base, s.vars}}
	known.vars.fields = slices.Clone(s.vars.fields)
	for i := range known.vars.fields {
		f := &known.vars.fields[i]
		if f.name != variable || f.typ.kind != mapping {
			continue
		}
		f.typ.fields = make([]field, len(keys))
		for j, key := range keys {
			f.typ.fields[j] = field{name: key, typ: f.typ.element()}
		}
	}
	return known
}

// Elsewhere makes hints for variables that are not there, by a function that says of
// a name where it is one, or "". It is called before anything is compiled.
func (s *Scope) Elsewhere(hint func(variable string) string) { s.elsewhere = hint }

// Names are the variables' names, in the order of the struct's fields.
func (s *Scope) Names() []string { return s.vars.fieldNames() }

// Variables describes the variables, in the order of the struct's fields.
func (s *Scope) Variables() []Variable { return describe(s.vars.fields) }

// Rule compiles an expression that must be true or false. It returns either a
// program or mistakes.
func (s *Scope) Rule(src string) (*Program, []Mistake) { return s.compile(unit{src, true}) }

// Value compiles an expression of any kind.
func (s *Scope) Value(src string) (*Program, []Mistake) { return s.compile(unit{src, false}) }

func (s *Scope) compile(u unit) (*Program, []Mistake) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, done := s.compiled[u]
	if !done {
		if s.compiled == nil || len(s.compiled) >= maxCompiled {
			s.compiled = map[unit]result{}
		}
		r.program, r.mistakes = s.compileNew(u)
		s.compiled[u] = r
	}
	return r.program, slices.Clone(r.mistakes)
}

// compileNew compiles. What panics in the library is a mistake of the expression
// too, as nothing a person writes may stop the daemon.
func (s *terms) compileNew(u unit) (p *Program, mistakes []Mistake) {
	defer func() {
		if r := recover(); r != nil {
			p, mistakes = nil, []Mistake{mistakeAt(span{0, len(u.text)}, "", "this cannot be compiled")}
		}
	}()
	if m, ok := scan(u.text); !ok {
		return nil, []Mistake{m}
	}
	src := newSource(u.text)
	tree, mistakes := parse(src)
	if mistakes != nil {
		return nil, mistakes
	}
	s.compiling.Lock()
	defer s.compiling.Unlock()
	c := &checker{source: src, vars: s.vars, functions: s.functions, natures: &s.config.NtCache,
		elsewhere: s.elsewhere, claims: map[ast.Node]claim{}}
	root, t := c.check(tree)
	if u.rule {
		root = c.verdict(tree, root, t)
	}
	if len(c.mistakes) > 0 {
		return nil, inOrder(c.mistakes)
	}
	p = &Program{text: u.text, base: s.base, uses: c.uses, doubts: inOrder(c.doubts), behind: c.behind}
	if u.rule {
		p.claim = c.claimOf(tree)
		p.always, p.never = never(p.claim.not()), never(p.claim)
	}
	if err := p.assemble(root, s.config); err != nil {
		return nil, []Mistake{mistakeAt(span{0, len(u.text)}, "", "this cannot be compiled")}
	}
	return p, nil
}

// verdict makes sure that a rule is true or false.
func (c *checker) verdict(tree, root ast.Node, t typ) ast.Node {
	switch {
	case t.kind == boolean && t.exact() || len(c.mistakes) > 0:
		return root
	case t.kind == boolean || t.kind == anything:
		root, _ = c.call(boolSite(c.operand(tree)), of(boolean), root)
		return root
	}
	subject := c.quote(tree)
	if len(subject) > 40 {
		subject = "this"
	}
	c.fail(tree, "compare it with something", "%s is %s: a rule must be true or false", subject, t.kind.phrase())
	return root
}

// assemble makes the bytecode. The compiler calls a constant function by
// reflection, as it knows of no functions but the library's that tell what they
// cost; the machine does, and that is what sites are called as. The program is
// made again without the tree, which is most of its memory.
func (p *Program) assemble(root ast.Node, config *conf.Config) error {
	made, err := compiler.Compile(&parser.Tree{Node: root}, config)
	if err != nil {
		return err
	}
	variables, lent := 0, []int(nil)
	for i, op := range made.Bytecode {
		switch op {
		case vm.OpCall:
			made.Bytecode[i] = vm.OpCallSafe
		case vm.OpLoadEnv: // what recall made
			made.Bytecode[i] = vm.OpLoadVar
			lent = append(lent, i)
		case vm.OpBegin:
			p.remembers = true
		case vm.OpStore:
			p.remembers = true
			variables = max(variables, made.Arguments[i]+1)
		}
	}
	if lent != nil {
		p.lent = variables
		variables++
	}
	for _, i := range lent {
		made.Arguments[i] = p.lent
	}
	p.code = vm.NewProgram(made.Source(), nil, made.Locations(), variables,
		made.Constants, made.Bytecode, made.Arguments, nil, nil, nil)
	return nil
}
