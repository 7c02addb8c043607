package schema

import (
	"strings"
	"testing"
)

// interpolateCases are texts of a plain scalar, as sampleEnv makes them.
var interpolateCases = []struct {
	text, want string
	kind       Kind
	unset      string
	secret     bool
}{
	{text: "nothing here", want: "nothing here", kind: String},
	{text: "${HOST}", want: "db.internal", kind: String, secret: true},
	{text: "http://${HOST}:${PORT}/", want: "http://db.internal:8080/", kind: String, secret: true},
	{text: "${PORT}", want: "8080", kind: Int, secret: true},
	{text: "${YES}", want: "true", kind: Bool, secret: true},
	{text: "${NO}", want: "no", kind: String, secret: true},
	{text: "${NULL}", want: "null", kind: String, secret: true},
	{text: "${SECONDS}", want: "30s", kind: String, secret: true},
	{text: "${LIST}", want: "[a, b]", kind: String, secret: true},
	{text: "${PORT}.5", want: "8080.5", kind: Float, secret: true},
	{text: "${NOT_SET:-5}", want: "5", kind: Int},
	{text: "${NOT_SET:-a b}", want: "a b", kind: String},
	{text: "${NOT_SET:-a:-b}", want: "a:-b", kind: String},
	{text: "${NOT_SET:-a$$b}", want: "a$b", kind: String},
	{text: "${HOST:-other}", want: "db.internal", kind: String, secret: true},
	{text: "${EMPTY:-other}", want: "other", kind: String},
	{text: "${NOT_SET:-}", want: "", kind: Null, unset: "NOT_SET"},
	{text: "${EMPTY}", want: "", kind: Null, unset: "EMPTY"},
	{text: "${EMPTY:-}", want: "", kind: Null, unset: "EMPTY"},
	{text: "${NOT_SET:-}${EMPTY}", want: "", kind: Null, unset: "NOT_SET"},
	{text: "a${NOT_SET:-}", want: "a", kind: String},
	{text: "${NOT_SET:-} ${EMPTY}", want: " ", kind: String},
	{text: "$${HOST}", want: "${HOST}", kind: String},
	{text: "$$", want: "$", kind: String},
	{text: "$$$$", want: "$$", kind: String},
	{text: "5 $$", want: "5 $", kind: String},
	{text: "$", want: "$", kind: String},
	{text: "end$", want: "end$", kind: String},
	{text: "^a$|^b$", want: "^a$|^b$", kind: String},
	{text: "$HOST", want: "$HOST", kind: String},
	{text: "$(HOST)", want: "$(HOST)", kind: String},
	{text: "$5 and ${PORT}$", want: "$5 and 8080$", kind: String, secret: true},
	{text: "${file:/run/secrets/token}", want: "from-a-file", kind: String, secret: true},
	{text: "${file:/run/secrets/dos}", want: "from-dos", kind: String, secret: true},
	{text: "${file:beside}", want: "from-beside", kind: String, secret: true},
	{text: "${file:/run/secrets/none}", want: "", kind: Null, unset: "/run/secrets/none", secret: true},
	{text: "Bearer ${credential:token}", want: "Bearer from-a-credential", kind: String, secret: true},
}

func TestInterpolate(t *testing.T) {
	for _, c := range interpolateCases {
		t.Run(c.text, func(t *testing.T) {
			r := NewReader()
			n := Parse("/etc/polyhealth/checks.yaml", []byte("k: "+c.text+"\n"), sampleEnv(), r).Root.Get("k")
			if r.Failed() {
				t.Fatal(textOf(r.Diagnostics()))
			}
			if n.Value != c.want || n.Kind != c.kind || n.Unset != c.unset || n.Secret != c.secret {
				t.Errorf("got %q, a %s, unset %q, secret %v", n.Value, n.Kind, n.Unset, n.Secret)
			}
		})
	}
}

// TestInterpolateWhere: in every style of scalar, in lists and maps, not in keys
// and comments; and what is in quotes stays a text.
func TestInterpolateWhere(t *testing.T) {
	src := `plain: ${PORT}
double: "${PORT}"
single: '${PORT}'
literal: |
  ${PORT}
folded: >-
  ${PORT}
  ${PORT}
tagged: !!str ${PORT}
list: ["${PORT}", {deep: "${PORT}"}]
${PORT}: key # ${NOT_SET}
anchored: &a ${PORT}
aliased: *a
escaped: "\x24{PORT}"
`
	r := NewReader()
	root := Parse("f.yaml", []byte(src), sampleEnv(), r).Root
	if r.Failed() {
		t.Fatal(textOf(r.Diagnostics()))
	}
	for _, c := range []struct {
		n     *Node
		value string
		kind  Kind
	}{
		{root.Get("plain"), "8080", Int},
		{root.Get("double"), "8080", String},
		{root.Get("single"), "8080", String},
		{root.Get("literal"), "8080\n", String},
		{root.Get("folded"), "8080 8080", String},
		{root.Get("tagged"), "8080", String},
		{root.Get("list").Items[0], "8080", String},
		{root.Get("list").Items[1].Get("deep"), "8080", String},
		{root.Get("${PORT}"), "key", String},
		{root.Get("aliased"), "8080", Int},
		{root.Get("escaped"), "8080", String},
	} {
		if c.n == nil || c.n.Value != c.value || c.n.Kind != c.kind {
			t.Errorf("got %+v, want %q, a %s", c.n, c.value, c.kind)
		}
	}
}

// TestInterpolateQuotedNumber: a key that wants a number takes one from a ${…} in
// quotes, without which it cannot stand in { }; not from other text in quotes.
func TestInterpolateQuotedNumber(t *testing.T) {
	s, r := readSample("f.yaml", `
checks:
  api: {http: {url: http://localhost, port: "${PORT}", retries: "${NOT_SET:-3}"}, critical: "${YES}", share: '${NOT_SET:-0.5}'}
`, sampleEnv())
	if r.Failed() {
		t.Fatal(textOf(r.Diagnostics()))
	}
	api := s.Checks["api"]
	if api.HTTP.Port != 8080 || api.HTTP.Retries != 3 || !api.Critical || api.Share != 0.5 {
		t.Errorf("%+v %+v", api, api.HTTP)
	}
	_, r = readSample("f.yaml", "checks:\n  api: {http: {url: http://localhost, port: \"1${PORT}\"}}\n", sampleEnv())
	if !r.Failed() {
		t.Error("a text that is partly a variable is no number")
	}
}

// TestInterpolateUnsetWhere: what ${NAME:-} leaves empty is as if the file were
// silent, or makes a required value unset.
func TestInterpolateUnset(t *testing.T) {
	for _, c := range []struct{ name, src, unset string }{
		{"required", `{http: {url: "${FEED:-}"}}`, "FEED"},
		{"set but empty", `{http: {url: "${EMPTY}"}}`, "EMPTY"},
		{"one of a group", `{http: "${FEED:-}"}`, "FEED"},
		{"in a required list", `{command: {argv: [curl, "${FEED:-}"]}}`, "FEED"},
		{"two", `{http: {url: "${FEED:-}"}, command: "${OTHER:-}"}`, ""}, // a mistake
		{"optional", `{http: {url: x, method: "${FEED:-}", max_body: "${FEED:-}"}, critical: "${FEED:-}"}`, ""},
		{"optional list", `{http: {url: x}, tags: ["${FEED:-}"]}`, ""},
		{"optional map", `{http: {url: x}, labels: {a: "${FEED:-}"}}`, ""},
		{"partly", `{http: {url: "http://${FEED:-}"}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader()
			root := Parse("f.yaml", []byte(c.src), sampleEnv(), r).Root
			check := sampleCheck{Critical: true}
			d := r.Decode(root, &check)
			if got := strings.Join(d.Unset, " "); got != c.unset && c.name != "two" {
				t.Errorf("unset: %q, want %q", got, c.unset)
			}
			if d.OK == (c.name == "two") {
				t.Error(textOf(r.Diagnostics()))
			}
			if !check.Critical {
				t.Error("a default was lost")
			}
		})
	}
}

// TestInterpolateNothing: an Env that knows nothing makes mistakes, not panics.
func TestInterpolateNothing(t *testing.T) {
	for text, want := range map[string]string{
		"${HOST}":             "the environment variable HOST is not set",
		"${file:/etc/passwd}": "cannot read /etc/passwd here",
		"${credential:token}": "there are no credentials: $CREDENTIALS_DIRECTORY is not set",
	} {
		r := NewReader()
		n := Parse("f.yaml", []byte("k: "+text+"\n"), Env{}, r).Root.Get("k")
		if ds := r.Diagnostics(); len(ds) != 1 || ds[0].Message != want {
			t.Errorf("%s: %v", text, ds)
		}
		// What follows from it is not told as well.
		r.Errorf(n, "", "is empty")
		if len(r.Diagnostics()) != 1 {
			t.Errorf("%s: %v", text, r.Diagnostics())
		}
	}
}

// TestInterpolateMistakes: each of a value's mistakes is told, at its own ${…}.
func TestInterpolateMistakes(t *testing.T) {
	r := NewReader()
	Parse("f.yaml", []byte("k: ${A} ${HOST} ${B} ${C\n"), sampleEnv(), r)
	var columns []int
	for _, d := range r.Diagnostics() {
		columns = append(columns, d.Column)
	}
	if len(columns) != 3 || columns[0] != 4 || columns[1] != 17 || columns[2] != 22 {
		t.Errorf("%v", r.Diagnostics())
	}
}
