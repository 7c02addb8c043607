package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"polyhealth/schema"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

func fmtCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fmt [FILE…]",
		Short: "Bring files into the one layout",
		Long: "Rewrites files in the one layout, as gofmt does for Go, and prints the names of\n" +
			"those that it changed. Indentation, spacing and blank lines become alike; what a\n" +
			"file says, its order, comments, quotes and lines stay. A file that cannot be read\n" +
			"as YAML is left alone, and its mistakes are told.\n\n" +
			"FILE defaults to checks.yaml. Of a folder, its files that end in .yaml or .yml are\n" +
			"meant; what a file includes is not. - reads standard input, and prints the result.\n\n" +
			"With --check or --diff nothing is changed, and the exit code is 1 where anything\n" +
			"would be. A diff shows the file's own text, with any secrets that stand in it.",
		Example: "  polyhealth fmt\n  polyhealth fmt --check --diff checks.yaml checks.d\n  polyhealth fmt - <checks.yaml",
	}
	f := formatter{streams: s}
	cmd.Flags().BoolVar(&f.check, "check", false, "print the names of files that are not formatted, and change nothing")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print what would change, and change nothing")
	cmd.RunE = func(_ *cobra.Command, names []string) error {
		if len(names) == 0 {
			names = []string{defaultFile} // not the system's: none is changed unasked
		}
		return f.all(names)
	}
	return cmd
}

// formatter is one call of polyhealth fmt.
type formatter struct {
	streams
	check, diff bool
}

// all formats what is named, each file whatever became of those before.
func (f formatter) all(names []string) error {
	// A file may be large, and CI machines small: memory comes before time here.
	defer debug.SetGCPercent(debug.SetGCPercent(40))
	if len(names) > 1 && slices.Contains(names, "-") {
		return usageError{errors.New("- is standard input, and takes no other file beside it")}
	}
	good := true
	for _, name := range names {
		for _, file := range expand(name) {
			ok, err := f.one(file)
			if err != nil {
				fmt.Fprintf(f.err, "polyhealth: %v\n", err)
			}
			good = good && ok
		}
	}
	if !good {
		return exit(exitFailed)
	}
	return nil
}

// expand is the files that are meant by a name: those of a folder, or itself.
func expand(name string) []string {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		if files, err := schema.ListFiles(name); err == nil {
			return files
		}
	}
	return []string{name}
}

// one formats a file, and reports whether it is now, or was, as it should be.
func (f formatter) one(file string) (ok bool, err error) {
	label, src, err := read(file, f.in)
	if err != nil {
		return false, err
	}
	r := schema.NewReader()
	out := schema.Format(label, src, r)
	if out == nil {
		return false, schema.WriteText(f.err, r.Diagnostics(), colored(f.err))
	}
	same := bytes.Equal(src, out)
	if f.check || f.diff {
		return same, f.report(label, src, out)
	}
	if file == "-" {
		_, err := f.out.Write(out)
		return err == nil, err
	}
	if same {
		return true, nil
	}
	if err := rewrite(file, out); err != nil {
		return false, err
	}
	_, err = fmt.Fprintln(f.out, file)
	return err == nil, err
}

// report prints what would change in a file.
func (f formatter) report(label string, src, out []byte) error {
	if bytes.Equal(src, out) {
		return nil
	}
	if f.check {
		if _, err := fmt.Fprintln(f.out, label); err != nil {
			return err
		}
	}
	if f.diff {
		_, err := f.out.Write(diff.Diff(label+".orig", src, label, out))
		return err
	}
	return nil
}
