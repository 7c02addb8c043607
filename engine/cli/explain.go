package cli

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"polyhealth/checktypes"
	"polyhealth/checktypes/all"
	"polyhealth/engine/rule"
	"polyhealth/schema"

	"github.com/spf13/cobra"
)

func explainCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [TYPE | functions]",
		Short: "Print a check type's keys and rule variables, or what rules may call",
		Args:  atMostOne,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return append(typeNames(), functionsTopic), cobra.ShellCompDirectiveNoFileComp
		},
	}
	format := formatFlag(cmd, "text", "markdown")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return explainAll(s.out)
		}
		if args[0] == functionsTopic {
			return explainFunctions(s.out, format.value == "markdown")
		}
		for _, t := range registry().Types {
			if t.Name == args[0] {
				return explain(s.out, t, format.value == "markdown")
			}
		}
		err := fmt.Errorf("there is no check type %q: the types are %s", args[0], strings.Join(typeNames(), ", "))
		return usageError{err}
	}
	return cmd
}

func typeNames() (names []string) {
	for _, t := range registry().Types {
		names = append(names, t.Name)
	}
	return names
}

func explainAll(w io.Writer) error {
	for _, t := range registry().Types {
		fmt.Fprintf(w, "%-10s %s\n", t.Name, t.Doc)
	}
	_, err := fmt.Fprintln(w, "\npolyhealth explain TYPE lists a type's keys and rule variables,\n"+
		"polyhealth explain functions what rules, messages and metadata may call.")
	return err
}

// explain prints one type, from the structs that also make the JSON Schema and
// the rules' type check.
func explain(w io.Writer, t checktypes.Type, markdown bool) error {
	d := all.Docs()
	p := printer{w: w, markdown: markdown}
	p.title(t)
	p.heading("Keys", "key")
	p.keys("", schema.Describe(t.Config, d))
	p.heading("Rule variables", "variable")
	p.variables("", rule.NewScope(t.Vars).Variables(), variableDocs(reflect.TypeOf(t.Vars), d))
	return nil
}

// printer writes lists for a terminal, or tables for a page.
type printer struct {
	w        io.Writer
	markdown bool
}

func (p printer) title(t checktypes.Type) {
	if p.markdown {
		fmt.Fprintf(p.w, "### `%s`\n\n%s\n", t.Name, t.Doc)
	} else {
		fmt.Fprintf(p.w, "%s: %s\n", t.Name, t.Doc)
	}
	if t.Short != "" && !p.markdown {
		fmt.Fprintf(p.w, "Short form: %s: followed by the value of %s.\n", t.Name, t.Short)
	}
}

func (p printer) heading(text, column string) {
	if p.markdown {
		fmt.Fprintf(p.w, "\n| %s | kind | meaning |\n| --- | --- | --- |\n", column)
	} else {
		fmt.Fprintf(p.w, "\n%s\n", text)
	}
}

func (p printer) line(name, kind, doc string) {
	if p.markdown {
		fmt.Fprintf(p.w, "| `%s` | %s | %s |\n", name, kind, tableCell(doc))
		return
	}
	fmt.Fprintf(p.w, "  %-26s %s\n", name, kind)
	for _, l := range wrap(doc, 72) {
		fmt.Fprintf(p.w, "      %s\n", l)
	}
}

func (p printer) keys(prefix string, keys []schema.Key) {
	for _, k := range keys {
		kind := k.Kind
		switch {
		case k.Required:
			kind += ", required"
		case len(k.OneOf) > 0:
			kind += ", one of " + strings.Join(k.OneOf, ", ") + " is required"
		case k.Default != "" && k.Default != "false":
			kind += ", default " + k.Default
		}
		if len(k.Enum) > 0 {
			kind += " (" + strings.Join(k.Enum, ", ") + ")"
		}
		p.line(prefix+k.Name, kind, k.Doc)
		p.keys(prefix+k.Name+".", k.Keys)
	}
}

func (p printer) variables(prefix string, vars []rule.Variable, docs map[string]string) {
	for _, v := range vars {
		p.line(prefix+v.Name, v.Kind, docs[prefix+v.Name])
		p.variables(prefix+v.Name+".", v.Fields, docs)
	}
}

// variableDocs are the docs of a variables' struct by the variables' own names,
// fields of fields by their path.
func variableDocs(t reflect.Type, docs map[string]string) map[string]string {
	out := map[string]string{}
	var walk func(t reflect.Type, prefix string, depth int)
	walk = func(t reflect.Type, prefix string, depth int) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || depth > 4 {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			name := f.Tag.Get("expr")
			if f.Anonymous && name == "" {
				walk(f.Type, prefix, depth+1)
				continue
			}
			doc := docs[t.String()+"."+f.Name]
			if rest, ok := strings.CutPrefix(doc, f.Name+" "); ok {
				doc = name + " " + rest
			}
			out[prefix+name] = doc
			walk(f.Type, prefix+name+".", depth+1)
		}
	}
	walk(t, "", 0)
	return out
}

// wrap breaks a text into lines of at most width characters where it can.
func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
