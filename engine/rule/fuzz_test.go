package rule

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzCompile: whatever a person writes, compiling it neither panics nor hangs,
// its mistakes lie within the text, and what compiles runs without the library's
// own panic: each error of a run is one that we have found words for.
func FuzzCompile(f *testing.F) {
	for _, c := range valueCases {
		f.Add(c.src)
	}
	for _, c := range faultCases {
		f.Add(c.src)
	}
	for _, c := range mistakeCases {
		f.Add(c.src)
	}
	plain := NewScope(testVars{})
	shaped := plain.WithShape(map[string]map[string]string{"rows": {"id": "int", "n": "float", "name": "string"}})
	f.Fuzz(func(t *testing.T, src string) {
		start := processorTime(t)
		for _, s := range []*Scope{plain, shaped} {
			fuzzOne(t, s, src)
		}
		if took := processorTime(t) - start; took > time.Second {
			t.Errorf("%q took %v", src, took)
		}
	})
}

func fuzzOne(t *testing.T, s *Scope, src string) {
	for _, u := range []unit{{src, true}, {src, false}} {
		p, mistakes := s.compileNew(u)
		if (p == nil) != (len(mistakes) > 0) {
			t.Fatalf("%q: program %v, mistakes %+v", src, p != nil, mistakes)
		}
		checkPlaces(t, src, mistakes)
		for _, m := range mistakes {
			if strings.HasPrefix(m.Message, "this cannot be") {
				t.Errorf("%q: %s", src, m.Message)
			}
		}
		if p == nil {
			continue
		}
		for _, env := range []any{sampleVars(), testVars{}} {
			var m VM
			p.Values(&m, env)
			if u.rule {
				_, err := p.True(&m, env)
				checkFault(t, src, err)
			} else {
				_, err := p.Eval(&m, env)
				checkFault(t, src, err)
			}
		}
	}
	if tmpl, mistakes := s.Template(src); tmpl == nil {
		checkPlaces(t, src, mistakes)
	} else if text, _ := tmpl.Render(new(VM), sampleVars()); len(text) > maxRendered || !utf8.ValidString(text) {
		t.Errorf("%q: rendered %d bytes, valid %v", src, len(text), utf8.ValidString(text))
	}
}

func checkPlaces(t *testing.T, src string, mistakes []Mistake) {
	for _, m := range mistakes {
		if m.Message == "" || m.Offset < 0 || m.Width < 0 || m.Offset+m.Width > len(src) {
			t.Errorf("%q: the mistake %+v is not within the text", src, m)
		}
	}
}

func checkFault(t *testing.T, src string, err error) {
	var ours *fault
	if err != nil && (!errors.As(err, &ours) || ours.cause != nil) {
		t.Errorf("%q: %v, of %v", src, err, errors.Unwrap(err))
	}
}
