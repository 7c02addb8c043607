package schema

import (
	"fmt"
	"io"
	"strings"
)

// WriteGitHub writes diagnostics as workflow commands, which GitHub Actions shows
// beside the lines that they are about:
//
//	::error file=FILE,line=1,col=1,endColumn=5,title=TITLE::MESSAGE
func WriteGitHub(w io.Writer, ds []Diagnostic, title string) error {
	var b strings.Builder
	for _, d := range ds {
		message := d.Message
		if d.Hint != "" {
			message += "\nhint: " + d.Hint
		}
		fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,endColumn=%d,title=%s::%s\n", d.Severity,
			githubProperty.Replace(d.File), d.Line, d.Column, d.end(), githubProperty.Replace(title),
			githubMessage.Replace(message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// What GitHub takes for its own is written as its documentation says, so that no
// text of a file can become a command.
var (
	githubMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// end is the column behind the last one that is underlined.
func (d Diagnostic) end() int { return d.Column + max(d.Width, 1) }
