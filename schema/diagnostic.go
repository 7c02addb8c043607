package schema

// Severity says whether a diagnostic refuses the file.
type Severity string

// The severities. A file with no Error is valid.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// A Diagnostic is one mistake in a file, or one thing that is legal and surely
// unmeant. Its JSON form is what `validate --format json` prints.
type Diagnostic struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`   // from 1
	Column   int      `json:"column"` // from 1, in characters
	Severity Severity `json:"severity"`
	Path     string   `json:"path"` // of the value, such as checks.api.rules.degraded
	Message  string   `json:"message"`
	Hint     string   `json:"hint"` // empty, or a way out, such as `did you mean "latency"?`

	Width  int    `json:"-"` // columns that the caret underlines, at least 1
	Source string `json:"-"` // the source line, without its end; of a very long one, a part

	caret int // the column of Source to point at; 0 is Column
}
