package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sarifRules is what SARIF 2.1.0 asks of the parts that are written: sections
// 3.13 to 3.30 of the standard. Other keys would be a mistake there as well.
const sarifRules = `{
  "type": "object", "required": ["version", "runs"], "additionalProperties": false,
  "properties": {
    "$schema": {"type": "string", "format": "uri"},
    "version": {"const": "2.1.0"},
    "runs": {"type": "array", "items": {
      "type": "object", "required": ["tool"], "additionalProperties": false,
      "properties": {
        "tool": {"type": "object", "required": ["driver"], "additionalProperties": false, "properties": {
          "driver": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
            "name": {"type": "string"}, "version": {"type": "string", "minLength": 1}}}}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "uniqueItems": false, "items": {
          "type": "object", "required": ["message"], "additionalProperties": false,
          "properties": {
            "level": {"enum": ["none", "note", "warning", "error"]},
            "message": {"type": "object", "required": ["text"], "additionalProperties": false,
              "properties": {"text": {"type": "string", "minLength": 1}}},
            "locations": {"type": "array", "minItems": 1, "items": {
              "type": "object", "additionalProperties": false,
              "properties": {
                "physicalLocation": {"type": "object", "required": ["artifactLocation"], "additionalProperties": false, "properties": {
                  "artifactLocation": {"type": "object", "additionalProperties": false,
                    "properties": {"uri": {"type": "string", "format": "uri-reference"}}},
                  "region": {"type": "object", "additionalProperties": false, "properties": {
                    "startLine": {"type": "integer", "minimum": 1},
                    "startColumn": {"type": "integer", "minimum": 1},
                    "endColumn": {"type": "integer", "minimum": 1}}}}},
                "logicalLocations": {"type": "array", "minItems": 1, "items": {
                  "type": "object", "additionalProperties": false,
                  "properties": {"fullyQualifiedName": {"type": "string", "minLength": 1}}}}}}}}}}}}}}
}`

func TestWriteSARIF(t *testing.T) {
	ds := []Diagnostic{
		{File: "a b/é.yaml", Line: 3, Column: 5, Width: 9, Severity: Error, Path: "checks.web", Message: `unknown key "x"`, Hint: "leave it out"},
		{File: "/etc/polyhealth/checks.yaml", Line: 1, Column: 2, Severity: Warning, Message: "odd"},
		{File: "odd:name.yaml", Line: 1, Column: 1, Severity: Error, Message: "m"},
		{File: "<stdin>", Line: 1, Column: 1, Severity: Error, Message: "m"},
	}
	log := writtenSARIF(t, ds)
	results := log["runs"].([]any)[0].(map[string]any)["results"].([]any)
	want := map[string]any{
		"level": "error", "message": map[string]any{"text": "unknown key \"x\"\nhint: leave it out"},
		"locations": []any{map[string]any{
			"physicalLocation": map[string]any{
				"artifactLocation": map[string]any{"uri": "a%20b/%C3%A9.yaml"},
				"region":           map[string]any{"startLine": 3.0, "startColumn": 5.0, "endColumn": 14.0},
			},
			"logicalLocations": []any{map[string]any{"fullyQualifiedName": "checks.web"}},
		}},
	}
	if len(results) != len(ds) || !reflect.DeepEqual(results[0], want) {
		t.Errorf("got %v, want %v", results[0], want)
	}
	for i, uri := range []string{"a%20b/%C3%A9.yaml", "file:///etc/polyhealth/checks.yaml", "./odd:name.yaml", "%3Cstdin%3E"} {
		one, _ := json.Marshal(results[i])
		if !strings.Contains(string(one), `"uri":"`+uri+`"`) {
			t.Errorf("%s: no uri %s", one, uri)
		}
	}
	if results[1].(map[string]any)["level"] != "warning" {
		t.Errorf("a warning is %v", results[1])
	}
	if none := writtenSARIF(t, nil)["runs"].([]any)[0].(map[string]any); len(none["results"].([]any)) != 0 {
		t.Errorf("no mistake is %v", none)
	}
	if WriteSARIF(brokenWriter{}, ds, "x", "") == nil {
		t.Error("an error of the writer is lost")
	}
}

// writtenSARIF is what WriteSARIF writes, checked by the standard's rules.
func writtenSARIF(t *testing.T, ds []Diagnostic) map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSARIF(&b, ds, "polyhealth", "v1.2.3"); err != nil {
		t.Fatal(err)
	}
	rules, err := jsonschema.UnmarshalJSON(strings.NewReader(sarifRules))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", rules); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	log, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(log); err != nil {
		t.Errorf("%v\n%s", err, &b)
	}
	var plain map[string]any
	if err := json.Unmarshal(b.Bytes(), &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}
