package schema

import (
	"bytes"
	"encoding/json"
	"testing"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// compiled is a generated schema as another implementation understands it.
func compiled(t *testing.T, v any) *validator.Schema {
	t.Helper()
	raw, err := json.Marshal(JSONSchema(v, nil))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.DefaultDraft(validator.Draft2020)
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	return s
}

// TestJSONSchema: an editor that knows the schema accepts and refuses what Decode
// does.
func TestJSONSchema(t *testing.T) {
	s := compiled(t, describedDefaults())
	for _, c := range []struct {
		src string
		ok  bool
	}{
		{"{url: x, unit: u}", true},
		{"{url: x, units: [u, v]}", true},
		{"{url: '${URL}', unit: u, every: '${EVERY}', max_body: '${MAX}', retries: '${N}', follow: '${F}', share: '${S}', method: '${M}'}", true},
		{"{url: 5, unit: u}", true},
		{"{url: x, unit: u, method: POST, every: 1h30m, max_body: 64KiB, retries: 5, share: 1, follow: false}", true},
		{"{url: x, unit: u, max_body: 512, on: [a, b], limits: [1, 2], headers: {a: b, c: 5}, columns: {n: int}}", true},
		{"{url: x, unit: u, token: abcd, tls: {ca: /x}, proxy: {ca: /x}, body: {any: [thing]}, send: text, tags: [a]}", true},
		{"{unit: u}", false},
		{"{url: '', unit: u}", false},
		{"{url: x}", false},
		{"{url: x, unit: u, units: [v]}", false},
		{"{url: x, unit: u, urll: y}", false},
		{"{url: [x], unit: u}", false},
		{"{url: null, unit: u}", false},
		{"{url: x, unit: u, method: PUT}", false},
		{"{url: x, unit: u, every: 5}", false},
		{"{url: x, unit: u, every: soon}", false},
		{"{url: x, unit: u, every: -5s}", false},
		{"{url: x, unit: u, max_body: 64 kibibytes}", false},
		{"{url: x, unit: u, max_body: 0}", false},
		{"{url: x, unit: u, retries: 6}", false},
		{"{url: x, unit: u, retries: -1}", false},
		{"{url: x, unit: u, retries: '5'}", false},
		{"{url: x, unit: u, retries: 1.5}", false},
		{"{url: x, unit: u, follow: 'true'}", false},
		{"{url: x, unit: u, follow: yes}", false},
		{"{url: x, unit: u, share: half}", false},
		{"{url: x, unit: u, on: a}", false},
		{"{url: x, unit: u, on: [c]}", false},
		{"{url: x, unit: u, limits: [0]}", false},
		{"{url: x, unit: u, headers: [a]}", false},
		{"{url: x, unit: u, headers: {a: [b]}}", false},
		{"{url: x, unit: u, columns: {n: float}}", false},
		{"{url: x, unit: u, tls: {ca: /x, key: y}}", false},
		{"{url: x, unit: u, proxy: {}}", false},
		{"[a]", false},
		{"text", false},
	} {
		t.Run(c.src, func(t *testing.T) {
			var instance any
			if err := yaml.Unmarshal([]byte(c.src), &instance); err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(instance); (err == nil) != c.ok {
				t.Errorf("the schema says %v", err)
			}
			r := NewReader()
			d := describedDefaults()
			r.Decode(Parse("f.yaml", []byte(c.src), anyEnv(), r).Root, &d)
			if r.Failed() == c.ok {
				t.Errorf("Decode says %v", textOf(r.Diagnostics()))
			}
		})
	}
}

// TestJSONSchemaRequired: what must be given must not be empty.
func TestJSONSchemaRequired(t *testing.T) {
	s := compiled(t, sampleCommand{})
	if err := s.Validate(map[string]any{"argv": []any{"df"}}); err != nil {
		t.Error(err)
	}
	for _, bad := range []map[string]any{{}, {"argv": []any{}}, {"argv": "df"}} {
		if s.Validate(bad) == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

// anyEnv has a value for each variable of TestJSONSchema.
func anyEnv() Env {
	values := map[string]string{"URL": "x", "EVERY": "5m", "MAX": "1MiB", "N": "3", "F": "true", "S": "0.5", "M": "POST"}
	return Env{Lookup: func(name string) (string, bool) { v, ok := values[name]; return v, ok }}
}

// TestJSONSchemaText: what an editor shows.
func TestJSONSchemaText(t *testing.T) {
	s := JSONSchema(describedDefaults(), map[string]string{"schema.described.URL": "URL of the target."})
	url := s.Properties["url"]
	if url.Description != "url of the target." || len(url.Examples) != 1 || url.Examples[0] != "https://example.com" {
		t.Errorf("%+v", url)
	}
	for key, want := range map[string]string{"method": `"GET"`, "every": `"90s"`, "max_body": `"1MiB"`, "retries": "2", "port": "443", "follow": "true", "on": `["a"]`} {
		if got := string(s.Properties[key].Default); got != want {
			t.Errorf("default of %s: got %s, want %s", key, got, want)
		}
	}
	if s.PropertyOrder[0] != "url" || s.PropertyOrder[len(s.PropertyOrder)-1] != "tags" || len(s.PropertyOrder) != len(s.Properties) {
		t.Error(s.PropertyOrder)
	}
}
