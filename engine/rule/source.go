package rule

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// A span is a part of the source, in bytes.
type span struct{ from, to int }

func (s span) with(o span) span { return span{min(s.from, o.from), max(s.to, o.to)} }

// A source knows where the parts of the tree stand in the text. The tree only
// has the place of one token of each node, counted in characters.
type source struct {
	text   string
	starts []int // the byte offset of each character; nil where all are ASCII
	tokens []token
	spans  map[ast.Node]span
}

type token struct {
	span
	value string
	pair  int // the index of the bracket that closes or opens this one, or -1
}

func newSource(text string) *source {
	s := &source{text: text}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			s.starts = make([]int, 0, len(text)+1)
			for at := range text {
				s.starts = append(s.starts, at)
			}
			s.starts = append(s.starts, len(text))
			break
		}
	}
	return s
}

// at is the byte offset of a character.
func (s *source) at(char int) int {
	if s.starts == nil {
		return max(0, min(char, len(s.text)))
	}
	return s.starts[max(0, min(char, len(s.starts)-1))]
}

func (s *source) place(l file.Location) span { return span{s.at(l.From), s.at(l.To)} }

// lex fills in the tokens, of a source that has been parsed.
func (s *source) lex() {
	lexed, err := lexer.Lex(file.NewSource(s.text))
	if err != nil {
		return
	}
	s.tokens = make([]token, 0, len(lexed))
	var open []int
	for i, t := range lexed {
		tok := token{span: s.place(t.Location), value: t.Value, pair: -1}
		if t.Kind == lexer.Bracket && strings.Contains("([{", t.Value) {
			open = append(open, i)
		} else if t.Kind == lexer.Bracket && len(open) > 0 {
			tok.pair = open[len(open)-1]
			s.tokens[tok.pair].pair = i
			open = open[:len(open)-1]
		}
		s.tokens = append(s.tokens, tok)
	}
}

// token is the index of the token at a byte offset, or of the next one.
func (s *source) token(offset int) int {
	if s.tokens == nil {
		s.lex()
	}
	return sort.Search(len(s.tokens), func(i int) bool { return s.tokens[i].from >= offset })
}

// closed extends the span of a bracket to the bracket that closes it.
func (s *source) closed(at span) span {
	if i := s.token(at.from); i < len(s.tokens) && s.tokens[i].pair >= 0 {
		return at.with(s.tokens[s.tokens[i].pair].span)
	}
	return at
}

// called extends the span of a name to the end of its arguments.
func (s *source) called(name span) span {
	if i := s.token(name.to); i < len(s.tokens) && s.tokens[i].value == "(" {
		return name.with(s.closed(s.tokens[i].span))
	}
	return name
}

// back extends a span to the token before it, where that is word.
func (s *source) back(at span, word string) span {
	if i := s.token(at.from) - 1; i >= 0 && s.tokens[i].value == word {
		return at.with(s.tokens[i].span)
	}
	return at
}

// span is all that a node was written as. The node must be as it was parsed.
func (s *source) span(n ast.Node) span {
	if sp, known := s.spans[n]; known {
		return sp
	}
	sp := s.balanced(s.rough(n))
	if c, ok := n.(*ast.ConditionalNode); ok && !c.Ternary {
		sp = s.back(sp, "if")
	}
	if s.spans == nil {
		s.spans = map[ast.Node]span{}
	}
	s.spans[n] = sp
	return sp
}

// rough is span, except that it may hold only one of a pair of brackets.
func (s *source) rough(n ast.Node) span {
	own := s.place(n.Location())
	switch n := n.(type) {
	case *ast.PointerNode:
		if n.Name != "" { // #acc is two tokens
			own.to += len(n.Name)
		}
	case *ast.UnaryNode:
		return own.with(s.span(n.Node))
	case *ast.BinaryNode:
		return s.span(n.Left).with(s.span(n.Right))
	case *ast.ChainNode:
		return s.span(n.Node)
	case *ast.MemberNode:
		return s.span(n.Node).with(s.closed(own))
	case *ast.SliceNode:
		return s.span(n.Node).with(s.closed(own))
	case *ast.CallNode:
		return s.roughCall(s.called(own).with(s.span(n.Callee)), n.Arguments)
	case *ast.BuiltinNode:
		return s.roughCall(s.called(own), n.Arguments)
	case *ast.ArrayNode, *ast.MapNode:
		return s.closed(own)
	case *ast.PredicateNode:
		return s.span(n.Node)
	case *ast.ConditionalNode:
		return s.span(n.Cond).with(s.span(n.Exp2))
	case *ast.VariableDeclaratorNode:
		return s.back(own, "let").with(s.span(n.Expr))
	case *ast.SequenceNode:
		return s.span(n.Nodes[0]).with(s.span(n.Nodes[len(n.Nodes)-1]))
	}
	return own
}

// roughCall is a call with its first argument, which stands before the name in
// `rows | filter(…)`.
func (s *source) roughCall(call span, args []ast.Node) span {
	if len(args) > 0 {
		return call.with(s.span(args[0]))
	}
	return call
}

// balanced extends a span until it holds each bracket with its partner, as
// parentheses leave no trace in the tree.
func (s *source) balanced(at span) span {
	for i := s.token(at.from); i < len(s.tokens) && s.tokens[i].from < at.to; i++ {
		p := s.tokens[i].pair
		if p < 0 {
			continue
		}
		if partner := s.tokens[p].span; partner.from < at.from {
			at.from = partner.from
		} else if partner.to > at.to {
			at.to = partner.to
		}
	}
	return at
}

// quote is the text of a node for a message, shortened where it is long.
func (s *source) quote(n ast.Node) string {
	sp := s.span(n)
	start := shorten(s.text[sp.from:sp.to], 200) // the rest need not be looked at
	return shorten(strings.Join(strings.Fields(start), " "), 60)
}

// shorten cuts text to at most size bytes, between characters.
func shorten(text string, size int) string {
	if len(text) <= size {
		return text
	}
	cut := size - len("…")
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
