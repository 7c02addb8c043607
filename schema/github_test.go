package schema

import (
	"strings"
	"testing"
)

// TestWriteGitHub: as GitHub documents its workflow commands. Nothing that a file
// holds may end a property, a command or the line.
func TestWriteGitHub(t *testing.T) {
	ds := []Diagnostic{
		{File: "a/checks.yaml", Line: 3, Column: 5, Width: 9, Severity: Error, Message: `unknown key "intervall"`, Hint: `did you mean "interval"?`},
		{File: "odd: 100%,\nname.yaml", Line: 1, Column: 2, Severity: Warning, Message: "100% at a\r\n::error::b, c: d"},
	}
	want := `::error file=a/checks.yaml,line=3,col=5,endColumn=14,title=polyhealth::unknown key "intervall"%0Ahint: did you mean "interval"?
::warning file=odd%3A 100%25%2C%0Aname.yaml,line=1,col=2,endColumn=3,title=polyhealth::100%25 at a%0D%0A::error::b, c: d
`
	var b strings.Builder
	if err := WriteGitHub(&b, ds, "polyhealth"); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	if WriteGitHub(brokenWriter{}, ds, "x") == nil {
		t.Error("an error of the writer is lost")
	}
}
