package cli

import (
	"fmt"
	"io"
	"strings"

	"polyhealth/engine/rule"
)

// functionsTopic is what explain takes in the place of a type.
const functionsTopic = "functions"

// explainFunctions prints what expressions may call, each with an expression that is
// true.
func explainFunctions(w io.Writer, markdown bool) error {
	p := printer{w: w, markdown: markdown}
	for i, g := range rule.Functions() {
		if i > 0 {
			fmt.Fprintln(w)
		}
		p.group(g)
		for _, f := range g.Functions {
			p.function(f)
		}
	}
	return nil
}

func (p printer) group(g rule.Group) {
	if p.markdown {
		fmt.Fprintf(p.w, "### %s\n\n", g.Name)
		if g.Doc != "" {
			fmt.Fprintf(p.w, "%s\n\n", g.Doc)
		}
		fmt.Fprint(p.w, "| call | meaning | true |\n| --- | --- | --- |\n")
		return
	}
	fmt.Fprintln(p.w, g.Name)
	for _, l := range wrap(g.Doc, 76) {
		fmt.Fprintf(p.w, "  %s\n", l)
	}
}

func (p printer) function(f rule.Function) {
	if p.markdown {
		fmt.Fprintf(p.w, "| `%s` | %s | `%s` |\n", f.Call, tableCell(f.Doc), tableCell(f.Example))
		return
	}
	fmt.Fprintf(p.w, "  %s\n", f.Call)
	for _, l := range append(wrap(f.Doc, 72), f.Example) {
		fmt.Fprintf(p.w, "      %s\n", l)
	}
}

func tableCell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
