package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"polyhealth/engine"
	"polyhealth/engine/cli/draft"
	"polyhealth/schema"
)

// validDraft writes a draft that is valid: each entry that polyhealth would refuse
// becomes a comment that says why. What depends on a variable is left as it is,
// since nobody knows here what that will be.
func validDraft(m *draft.Map) (string, error) {
	for {
		keepOne(m)
		text, within := m.Write()
		wrong := mistakes(text)
		off := false
		for _, d := range wrong {
			off = turnOff(m, within[d.Line-1], d) || off
		}
		switch {
		case len(wrong) == 0:
			return text, nil
		case !off:
			return "", fmt.Errorf("the draft is not valid: line %d: %s", wrong[0].Line, wrong[0].Message)
		}
	}
}

// mistakes are those of a file that are not about a variable's value.
func mistakes(text string) (wrong []schema.Diagnostic) {
	r := schema.NewReader()
	doc := schema.Parse(defaultFile, []byte(text), draftEnv(), r)
	engine.Compile(doc, registry(), r)
	for _, d := range r.Diagnostics() {
		if d.Severity == schema.Error && !strings.Contains(d.Source, "${") {
			wrong = append(wrong, d)
		}
	}
	return wrong
}

// draftEnv has something for every variable and file: they will be there where the
// draft runs.
func draftEnv() schema.Env {
	return schema.Env{
		Lookup: func(name string) (string, bool) {
			if value := os.Getenv(name); value != "" {
				return value, true
			}
			return "x", true
		},
		ReadFile: func(string) ([]byte, error) { return []byte("x"), nil },
	}
}

// turnOff makes a comment of what a mistake is in: a check, a route, a template, or
// another key of the second level. It reports whether there was something left.
func turnOff(m *draft.Map, within []*draft.Part, d schema.Diagnostic) bool {
	if len(within) < 2 || within[1].Off {
		return false
	}
	part := within[1]
	part.Off = true
	part.Note("not imported: %s", d.Message)
	for _, check := range m.In("checks").Live() {
		keys := check.Value.(*draft.Map)
		switch uses := keys.Part("uses"); {
		case within[0].Key == "routes":
			dropRoute(keys, part.Key)
		case within[0].Key == "templates" && uses != nil && uses.Value == draft.Text(part.Key):
			check.Off = true
			check.Note("not imported: its template, see there")
		}
	}
	return true
}

// dropRoute takes a route out of what a check alerts by.
func dropRoute(check *draft.Map, name string) {
	p := check.Part("routes")
	if p == nil || !slices.Contains(p.Value.(draft.List), draft.Value(draft.Text(name))) {
		return
	}
	kept := slices.DeleteFunc(p.Value.(draft.List), func(route draft.Value) bool { return route == draft.Text(name) })
	if p.Value = kept; len(kept) == 0 {
		check.Remove("routes")
	}
	check.Comment("not imported: the route %s, see there", name)
}

// keepOne makes sure that there is a check, as a file needs one.
func keepOne(m *draft.Map) {
	checks := m.In("checks")
	if len(checks.Live()) > 0 {
		return
	}
	port := "5051"
	if server := m.Part("server"); server != nil {
		listen, _ := server.Value.(*draft.Map).Part("listen").Value.(draft.Text)
		port = string(listen[strings.LastIndexByte(string(listen), ':')+1:])
	}
	itself := &draft.Map{}
	itself.Set("http", draft.Text("http://127.0.0.1:"+port+"/-/healthy"))
	checks.Set("polyhealth", itself).Note("polyhealth itself, as a file needs a check")
}
