package draft

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"polyhealth/schema"
)

// read is what a file reads as, in a form to compare.
func read(t interface{ Fatal(...any) }, text string) string {
	r := schema.NewReader()
	doc := schema.ParsePlain("draft.yaml", []byte(text), r)
	for _, d := range r.Diagnostics() {
		t.Fatal(d.Line, ": ", d.Message, "\n", text)
	}
	return form(doc.Root)
}

func form(n *schema.Node) string {
	var b strings.Builder
	switch n.Kind {
	case schema.Map:
		for _, e := range n.Entries {
			fmt.Fprintf(&b, "%q=%s ", e.Key.Value, form(e.Value))
		}
		return "{" + b.String() + "}"
	case schema.List:
		for _, item := range n.Items {
			b.WriteString(form(item) + " ")
		}
		return "[" + b.String() + "]"
	}
	return fmt.Sprintf("%s:%q", n.Kind, n.Value)
}

// formOf is the form of what was drafted.
func formOf(v Value) string {
	var b strings.Builder
	switch v := v.(type) {
	case Text:
		return fmt.Sprintf("string:%q", string(v))
	case Plain:
		return fmt.Sprintf("int:%q", string(v))
	case List:
		for _, item := range v {
			b.WriteString(formOf(item) + " ")
		}
		return "[" + b.String() + "]"
	}
	for _, p := range v.(*Map).Live() {
		fmt.Fprintf(&b, "%q=%s ", p.Key, formOf(p.Value))
	}
	return "{" + b.String() + "}"
}

// texts are of all kinds that somebody's file may hold.
var texts = rapid.OneOf(
	rapid.String(),
	rapid.StringMatching(`[a-z:#\-?\[\]{}"'&*!|>%@ ,\n\\$.0-9~=<]{0,8}`),
	rapid.StringMatching(`(true|Null|on|0x1F|1_000|1e3|\.inf|2001-01-01|<<|=|null: x|a #b|- a|\? b|\.\.\.|---)`),
	rapid.StringMatching(`[a-z ]{1,9}\n[ a-z]{0,9}\n{0,2}`),
	rapid.StringMatching(`[a-z]{100}`),
)

func randomValue(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		switch {
		case kind == 0 || depth == 0:
			return Text(texts.Draw(t, "text"))
		case kind == 1:
			return Plain(fmt.Sprint(rapid.IntRange(-5, 1000).Draw(t, "number")))
		case kind == 2:
			return List(rapid.SliceOfN(randomValue(0), 0, 4).Draw(t, "list"))
		}
		return randomMap(t, depth-1)
	})
}

func randomMap(t *rapid.T, depth int) *Map {
	m := &Map{}
	for range rapid.IntRange(0, 4).Draw(t, "entries") {
		if rapid.Bool().Draw(t, "comment") {
			m.Comment("%s", texts.Draw(t, "comment"))
		}
		key := rapid.OneOf(texts, rapid.StringMatching(`[a-d]`)).Draw(t, "key")
		if key == "" || key == "<<" {
			continue
		}
		p := m.Set(key, randomValue(depth).Draw(t, "value"))
		p.Off = p.Off || rapid.IntRange(0, 4).Draw(t, "off") == 0
		if rapid.Bool().Draw(t, "noted") {
			p.Note("%s", texts.Draw(t, "note"))
		}
	}
	return m
}

// Whatever is drafted reads as itself, and each line is its entry's.
func TestReadsAsDrafted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &Map{}
		m.Set("root", randomMap(t, 3))
		text, within := m.Write()
		m.In("root").dropOff()
		if got, want := read(t, text), formOf(m); got != want {
			t.Fatalf("%s\nreads as %s\nwant     %s", text, got, want)
		}
		if lines := strings.Count(text, "\n"); lines != len(within) {
			t.Fatalf("%d lines, %d told:\n%s", lines, len(within), text)
		}
	})
}

// dropOff takes out what does not read as anything.
func (m *Map) dropOff() {
	m.parts = m.Live()
	for _, p := range m.parts {
		p.Value = dropped(p.Value)
	}
}

func dropped(v Value) Value {
	if m, ok := v.(*Map); ok {
		m.dropOff()
	}
	return v
}
