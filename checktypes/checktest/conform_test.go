package checktest

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes"
)

type toyKeys struct {
	URL  string            `yaml:"url,required"`
	Tags map[string]string `yaml:"tags"`
	Deep toyDeep           `yaml:"deep"`
}

type toyDeep struct {
	Size int `yaml:"size"`
}

type toyVars struct {
	checktypes.Common
	Status int `expr:"status"`
}

// toy is a prober that misbehaves as its fields say.
type toy struct {
	probe func(ctx context.Context, v *toyVars) error
	close func() error
}

func (t toy) Probe(ctx context.Context, v *toyVars) error { return t.probe(ctx, v) }
func (t toy) Close() error                                { return t.close() }

func works(context.Context, *toyVars) error { return nil }
func closes() error                         { return nil }

func hangs(ctx context.Context, _ *toyVars) error {
	<-ctx.Done()
	return checktypes.Timeout(shortly, "waiting for the toy")
}

func toyDefinition(p toy) checktypes.Definition[toyKeys, toyVars] {
	return checktypes.Definition[toyKeys, toyVars]{
		Name: "checktest", Doc: "A toy.", Short: "url",
		Open:    func(toyKeys, checktypes.Env) (checktypes.Prober[toyVars], error) { return p, nil },
		Judge:   func(*toyKeys, *toyVars) checktypes.Status { return checktypes.Healthy },
		Summary: func(*toyKeys, *toyVars) string { return "works" },
	}
}

// TestConformOfAToy is the whole of Conform over a type that is right.
func TestConformOfAToy(t *testing.T) {
	definition := toyDefinition(toy{})
	definition.Open = func(c toyKeys, _ checktypes.Env) (checktypes.Prober[toyVars], error) {
		if c.URL == "hang" {
			return toy{hangs, closes}, nil
		}
		return toy{works, closes}, nil
	}
	typ := checktypes.Define(definition)
	with := func(url string) func(*testing.T) any {
		return func(*testing.T) any {
			c := typ.NewConfig().(*toyKeys)
			c.URL = url
			return c
		}
	}
	Conform(t, typ, Cases{Good: with("good"), Hanging: with("hang"), Dead: with("hang")})
}

func TestShapeProblems(t *testing.T) {
	type unnamedKey struct {
		URL string
	}
	type unnamedVar struct {
		checktypes.Common
		Status int
	}
	type noCommon struct {
		Status int `expr:"status"`
	}
	type clashing struct {
		URL  string `yaml:"url"`
		Also string `yaml:"url"`
	}
	cases := []struct {
		name   string
		change func(*checktypes.Type)
		want   string // part of the one problem, empty for none
	}{
		{"right", func(*checktypes.Type) {}, ""},
		{"other folder", func(t *checktypes.Type) { t.Name = "other" }, "lies in the folder"},
		{"upper case", func(t *checktypes.Type) { t.Name = "Checktest" }, "lies in the folder"},
		{"no doc", func(t *checktypes.Type) { t.Doc = "" }, "not one sentence"},
		{"two sentences", func(t *checktypes.Type) { t.Doc = "A toy. For play." }, "not one sentence"},
		{"short is no key", func(t *checktypes.Type) { t.Short = "uri" }, `"uri", which is no key`},
		{"key without name", func(t *checktypes.Type) {
			t.Config, t.NewConfig = unnamedKey{}, func() any { return new(unnamedKey) }
			t.Short = ""
		}, "URL has no name"},
		{"two keys of a name", func(t *checktypes.Type) {
			t.Config, t.NewConfig = clashing{}, func() any { return new(clashing) }
		}, "two fields named url"},
		{"variable without name", func(t *checktypes.Type) { t.Vars = unnamedVar{} }, "Status has no name"},
		{"no Common", func(t *checktypes.Type) { t.Vars = noCommon{} }, "does not embed"},
		{"shared default", func(t *checktypes.Type) {
			tags := map[string]string{}
			t.NewConfig = func() any { return &toyKeys{Tags: tags} }
		}, "share Tags"},
		{"other config", func(t *checktypes.Type) { t.NewConfig = func() any { return new(toyDeep) } }, "not a pointer to"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			typ := checktypes.Define(toyDefinition(toy{works, closes}))
			c.change(&typ)
			expectProblem(t, shapeProblems(typ, "/src/checktest"), c.want)
		})
	}
}

func TestProbeProblems(t *testing.T) {
	leaks := func(ctx context.Context, v *toyVars) error {
		go func() { <-t.Context().Done() }()
		return nil
	}
	opens := func(context.Context, *toyVars) error {
		f, err := os.Open("conform_test.go")
		if err == nil {
			t.Cleanup(func() { f.Close() })
		}
		return err
	}
	ignores := func(context.Context, *toyVars) error {
		<-time.After(slack + 2*shortly)
		return errors.New("too late")
	}
	says := func(text string) func(context.Context, *toyVars) error {
		return func(context.Context, *toyVars) error { return errors.New(text) }
	}
	cases := []struct {
		name string
		toy  toy
		run  func(checktypes.Probe, time.Duration) []string
		want string
	}{
		{"right", toy{works, closes}, twice, ""},
		{"right failure", toy{hangs, closes}, failing, ""},
		{"cancelled", toy{hangs, closes}, cancelled(0), ""},
		{"good fails", toy{says("no"), closes}, twice, "a good probe failed: no"},
		{"hanging works", toy{works, closes}, failing, "returned no error"},
		{"ignores its deadline", toy{ignores, closes}, failing, "late"},
		{"raw context error", toy{says("context deadline exceeded"), closes}, failing, "user's words"},
		{"upper case", toy{says("Get failed"), closes}, failing, "upper case"},
		{"acronym", toy{says("TLS failed"), closes}, failing, ""},
		{"empty message", toy{says(""), closes}, failing, "not one line"},
		{"close fails", toy{works, func() error { return errors.New("still busy") }}, twice, "still busy"},
		{"leaks a goroutine", toy{leaks, closes}, twice, "goroutine"},
		{"leaks a file", toy{opens, closes}, twice, "conform_test.go"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := scenario{timeout: shortly, run: c.run}
			typ := checktypes.Define(toyDefinition(c.toy))
			expectProblem(t, s.problems(typ, typ.NewConfig(), t.TempDir()), c.want)
		})
	}
}

// expectProblem wants found to hold want, or to be empty where want is.
func expectProblem(t *testing.T, found []string, want string) {
	t.Helper()
	all := strings.Join(found, "\n")
	if want == "" && all != "" {
		t.Errorf("found problems where there are none:\n%s", all)
	}
	if !strings.Contains(all, want) {
		t.Errorf("problems are %q, want one with %q", all, want)
	}
}
