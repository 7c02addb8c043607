package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"polyhealth/checktypes/all"
	alertall "polyhealth/engine/alert/all"
	"polyhealth/engine/rule"
	"polyhealth/schema"
)

const generated = "../../schema/polyhealth.schema.json"

// The schema that editors use is the one this program has.
func TestGeneratedSchemaIsCurrent(t *testing.T) {
	var now bytes.Buffer
	if code := Main([]string{"schema"}, nil, &now, &now); code != 0 {
		t.Fatal(now.String())
	}
	was, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(was, now.Bytes()) {
		t.Errorf("%s is stale: make generate", generated)
	}
}

// What validates fits the schema, and a mistake in a key does not.
func TestSchemaFitsFiles(t *testing.T) {
	compiled, err := jsonschema.NewCompiler().Compile(generated)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("../../examples/*.yaml")
	more, _ := filepath.Glob("../../examples/*/*.yaml")
	for _, file := range append(append(files, more...), "../../checks.yaml") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(asJSON(parse(t, string(src)))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, c := range []struct {
		text string
		fits bool
	}{
		{"checks: {a: {http: 'http://x/'}}", true},
		{"checks: {a: {http: {url: 'http://x/', retries: 2}, interval: 90d}}", true},
		{"checks: {a: {command: [ls, -l]}}", true},
		{"checks: {a: {http: 'http://x/', intervall: 5s}}", false},
		{"checks: {a: {http: 'http://x/', interval: 5}}", false},
		{"checks: {a: {http: {method: GET}}}", false},
		{"checks: {a: {}}", false},
		{"checks: {a: {http: 'http://x/', command: [ls]}}", false},
		{"checks: {}", false},
		{"checks: {a: {sql: {driver: oracle, dsn: x, query: y}}}", false},
		{"checks: {a: {systemd: {unit: a, units: [b]}}}", false},
		{"routes: {r: {on: [unhealthy]}}\nchecks: {a: {command: [ls]}}", false},
		{"routes: {r: {webhook: 'http://x/', repeat_interval: never}}\nchecks: {a: {command: [ls]}}", true},
	} {
		if err := compiled.Validate(asJSON(parse(t, c.text))); (err == nil) != c.fits {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

func parse(t *testing.T, text string) *schema.Node {
	t.Helper()
	r := schema.NewReader()
	doc := schema.Parse("x.yaml", []byte(text), schema.Env{Lookup: func(name string) (string, bool) { return "${" + name + "}", true }}, r)
	if r.Failed() {
		t.Fatal(r.Diagnostics())
	}
	return doc.Root
}

// asJSON is a value of the file as JSON would hold it.
func asJSON(n *schema.Node) any {
	switch n.Kind {
	case schema.Map:
		m := map[string]any{}
		for _, e := range n.Entries {
			m[e.Key.Value] = asJSON(e.Value)
		}
		return m
	case schema.List:
		l := make([]any, len(n.Items))
		for i, item := range n.Items {
			l[i] = asJSON(item)
		}
		return l
	case schema.Int, schema.Float:
		x, _ := strconv.ParseFloat(n.Value, 64)
		return x
	case schema.Bool:
		return n.Value == "true"
	case schema.Null:
		return nil
	}
	return n.Value
}

// Every key and every variable is documented, as explain shows it.
func TestEverythingIsDocumented(t *testing.T) {
	d := all.Docs()
	for _, typ := range registry().Types {
		undocumented(t, typ.Name+".", schema.Describe(typ.Config, d))
		docs := variableDocs(reflect.TypeOf(typ.Vars), d)
		for _, v := range rule.NewScope(typ.Vars).Variables() {
			if docs[v.Name] == "" {
				t.Errorf("the variable %s of %s has no doc comment", v.Name, typ.Name)
			}
			for _, f := range v.Fields {
				if docs[v.Name+"."+f.Name] == "" {
					t.Errorf("the variable %s.%s of %s has no doc comment", v.Name, f.Name, typ.Name)
				}
			}
		}
		if !strings.HasSuffix(typ.Doc, ".") {
			t.Errorf("the doc of %s is no sentence: %q", typ.Name, typ.Doc)
		}
	}
	for _, n := range registry().Notifiers {
		undocumented(t, n.Name+".", schema.Describe(n.Config, alertall.Docs()))
	}
}

func undocumented(t *testing.T, prefix string, keys []schema.Key) {
	t.Helper()
	for _, k := range keys {
		if k.Doc == "" {
			t.Errorf("the key %s%s has no doc comment", prefix, k.Name)
		}
		undocumented(t, prefix+k.Name+".", k.Keys)
	}
}
