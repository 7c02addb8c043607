package schema

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// maxColumns is how much of a long source line is shown.
const maxColumns = 160

// WriteText writes diagnostics for people, each as
//
//	FILE:LINE:COLUMN: error: MESSAGE
//	the source line
//	   ^^^^
//	hint: a way out
func WriteText(w io.Writer, ds []Diagnostic, color bool) error {
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	var b strings.Builder
	for _, d := range ds {
		severity := "1;33"
		if d.Severity == Error {
			severity = "1;31"
		}
		b.WriteString(paint("1", visible(d.File)+":"+strconv.Itoa(d.Line)+":"+strconv.Itoa(d.Column)+":") + " ")
		b.WriteString(paint(severity, string(d.Severity)+":") + " " + visible(d.Message) + "\n")
		if line, caret := excerpt(d); line != "" {
			b.WriteString(line + "\n" + paint("32", caret) + "\n")
		}
		if d.Hint != "" {
			b.WriteString("hint: " + visible(d.Hint) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// excerpt is the source line and the carets below it, cut around them where the
// line is long.
func excerpt(d Diagnostic) (line, caret string) {
	if strings.TrimSpace(d.Source) == "" {
		return "", ""
	}
	column := d.Column
	if d.caret > 0 {
		column = d.caret
	}
	at := byteOf(d.Source, column-1)
	before, lead := d.Source[:at], ""
	if cut := lastCharacters(before, maxColumns*3/4); cut != before {
		before, lead = lastCharacters(before, maxColumns/2), "…"
	}
	shown := len([]rune(before))
	after, trail := d.Source[at:], ""
	if end := byteOf(after, maxColumns-shown); end < len(after) {
		after, trail = after[:end], "…"
	}
	under := after[:byteOf(after, d.Width)]
	return lead + visible(before+after) + trail, padding(lead) + padding(before) + strings.Repeat("^", max(1, columns(under)))
}

// lastCharacters is the end of a text, of at most n characters.
func lastCharacters(text string, n int) string {
	from := len(text)
	for ; n > 0 && from > 0; n-- {
		from--
		for from > 0 && text[from]&0xC0 == 0x80 {
			from--
		}
	}
	return text[from:]
}

// padding is white space that is as wide as a text. Tabs stay, so that both lines
// are moved alike.
func padding(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteString("  "[:columnsOf(r)])
		}
	}
	return b.String()
}

func columns(text string) (n int) {
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

// columnsOf is how many columns of a terminal a character takes.
func columnsOf(r rune) int {
	switch k := width.LookupRune(r).Kind(); {
	case unicode.In(r, unicode.Mn, unicode.Me) || r == '\u200d' || r == '\ufe0f':
		return 0
	case k == width.EastAsianWide || k == width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// visible replaces what would move a terminal's cursor or turn its text around.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return '\uFFFD'
		}
		return r
	}, text)
}

// WriteJSON writes diagnostics as one JSON list, [] where there is none.
func WriteJSON(w io.Writer, ds []Diagnostic) error {
	if ds == nil {
		ds = []Diagnostic{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(ds)
}
