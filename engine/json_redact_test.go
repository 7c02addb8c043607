package engine

import (
	"strings"
	"testing"

	"polyhealth/schema"
)

// TestSecretsWithinLists: a secret that JSON writes with escapes is found in texts that
// are themselves JSON, wherever in a metadata value they stand.
func TestSecretsWithinLists(t *testing.T) {
	const secret = `Zq7"secret%&<x>`
	r := schema.NewReader()
	r.Hide(secret)
	body := `{"token": "Zq7\"secret%&<x>"}`
	for name, v := range map[string]any{
		"a text": body, "a list": []any{1, body}, "a list of texts": []string{body},
		"a map": map[string]any{"a": []any{body}}, "headers": map[string]string{"x": secret},
		"rows": []map[string]any{{"a": body}}, "a key": map[string]any{secret: 1},
	} {
		got := string(appendJSON(nil, v, r.Secrets.Redact))
		if strings.Contains(got, "Zq7") || !strings.Contains(got, schema.Redacted) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
