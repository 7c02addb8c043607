// Package importer turns the files of other health checkers into drafts of ours.
// What has an equivalent is written; what has none is named by a comment, right
// where it would stand. The importers of Gatus and of the Prometheus blackbox
// exporter are in files that begin with gatus and blackbox.
//
// A foreign file is read by [section]s, which remember what they were asked for: so
// a key that no code knows cannot be dropped in silence. The texts of a section are
// spelt as our file spells them, with ${NAME} and $$, from the moment they are read.
package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"polyhealth/engine/cli/draft"
)

// A Result is what became of a foreign file.
type Result struct {
	File  *draft.Map
	Thing string        // what the items are, such as endpoint
	Items []*draft.Part // the checks or templates; nil, or off, where it could not be
	More  string        // what else was imported
}

// Summary says in a line what was imported.
func (r *Result) Summary() string {
	whole, partly, not := 0, 0, 0
	for _, part := range r.Items {
		switch {
		case part == nil || part.Off:
			not++
		case slices.ContainsFunc(part.Notes(), func(note string) bool { return strings.HasPrefix(note, lost) }):
			partly++
		default:
			whole++
		}
	}
	text := count(whole+partly, r.Thing) + r.More + " imported"
	if partly > 0 {
		text += fmt.Sprintf(", %d with parts that have no equivalent", partly)
	}
	if not > 0 {
		text += fmt.Sprintf(", %d not imported", not)
	}
	return text
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// lost begins each comment of what has no equivalent.
const lost = "not imported"

// What is different here, whatever the file says.
const (
	strictJSON  = "A JSON field that is missing makes a result unknown."
	largeBodies = "A body of more than 1MiB fails its probe, unless max_body says more."
)

// begin is the head of every imported file.
func begin(what, from string, different ...string) *draft.Map {
	m := &draft.Map{}
	m.Comment("%s", "Imported from "+what+" "+from+".\n"+
		`What has no equivalent is named by a comment that begins with "`+lost+`".`+"\n"+strings.Join(different, "\n"))
	m.Set("version", draft.Number(1))
	return m
}

// quoted is a text as a rule writes it.
func quoted(text string) string {
	if strings.Contains(text, `\`) && !strings.ContainsAny(text, "`\n\r") {
		return "`" + text + "`"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + `"`
}

// all is one rule of several that must all be true.
func all(rules []string) draft.Text {
	one := strings.Join(rules, " && ")
	if len(one) > 80 && len(rules) > 1 {
		one = strings.Join(rules, "\n&& ")
	}
	return draft.Text(one)
}

// printable is a text in one line, without what a file cannot show.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}
