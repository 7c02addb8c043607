package cli

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A wording is one text that diagnostics are made of, as the source has it.
type wording struct {
	at      string // file:line
	text    string // with … for what is put in
	pattern *regexp.Regexp
	fixed   int  // how many characters of it are always the same
	part    bool // of a message, not all of it
}

// sayings are the calls that make a diagnostic, and which argument is its message.
var sayings = []struct {
	under, call string
	argument    int
}{
	{"", "Errorf", 2}, {"", "Warnf", 2}, {"", "ErrorIn", 4}, {"", "WarnIn", 4}, // of a schema.Reader
	{"schema", "noteAt", 5}, {"schema", "unreadable", 3}, {"schema", "fail", 2}, {"schema", "fault", 1}, {"schema", "at", 1},
	{"engine/rule", "wrong", 2}, {"engine/rule", "fail", 2}, {"engine/rule", "doubt", 2}, {"engine/rule", "mistakeAt", 2},
	{"engine/cli/mode.go", "warn", 1},
}

// parts are the functions and variables that hold words which others put into
// messages, or pass on as they are.
var parts = map[string][]string{
	"schema/parse.go":               {"tooLarge"},
	"schema/reword.go":              {"rewordings", "leftOpen", "lineAbove", "unknownAnchor"},
	"schema/interpolate.go":         {"lookUp", "variable", "file", "credential", "content"},
	"schema/values.go":              {"ParseDuration", "ParseSize", "unitError"},
	"schema/env.go":                 {"readPlain"},
	"schema/include.go":             {"plainFiles"},
	"schema/decode_number.go":       {"within"},
	"checktypes/web/keys.go":        {"parseURL"},
	"checktypes/sql/dsn.go":         {"checkDSN"},
	"checktypes/sql/sqlite_dsn.go":  {"parseSQLiteURI"},
	"checktypes/sql/postgres.go":    {"postgresProblem"},
	"checktypes/sql/mysql.go":       {"parseMySQL", "mysqlProblem"},
	"checktypes/systemd/names.go":   {"parseSelector"},
	"checktypes/http/type.go":       {"without"},
	"checktypes/command/type.go":    {"without"},
	"checktypes/websocket/type.go":  {"without"},
	"engine/cron.go":                {"ParseCron", "zoneOf"},
	"engine/rule/syntax.go":         {"rewordings"},
	"engine/rule/durations.go":      {"errNoDuration", "parseDuration"},
	"engine/rule/arithmetic.go":     {"errZero", "errLarge", "errNaN", "errDate", "errWhole", "verbs"},
	"engine/rule/guard_text.go":     {"newPattern"},
	"engine/rule/functions.go":      {"errOrder"},
	"engine/rule/functions_time.go": {"errNoDate"},
	"engine/rule/jsonpath.go":       {"parsePath", "nextStep", "bracketStep"},
}

// passing are the files in which a message may be all of it another function's, and
// where its words are.
var passing = map[string]string{
	"schema/reader.go":              "its callers",
	"schema/convert.go":             "its callers",
	"schema/parse.go":               "its callers, and tooLarge",
	"schema/syntax.go":              "schema/reword.go",
	"schema/format.go":              "schema/parse.go",
	"schema/reword.go":              "schema/lines.go",
	"schema/interpolate.go":         "the same file",
	"checktypes/sql/check.go":       "checktypes/sql/dsn.go, and each database's",
	"checktypes/systemd/type.go":    "checktypes/systemd/names.go",
	"engine/compile_check.go":       "engine/cron.go",
	"engine/compile_recovery.go":    "checktypes/systemd/names.go",
	"engine/compile_rules.go":       "engine/rule",
	"engine/compile_warn.go":        "engine/rule",
	"engine/rule/check.go":          "its callers",
	"engine/rule/doubt.go":          "its callers",
	"engine/rule/scan.go":           "its callers",
	"engine/rule/syntax.go":         "its rewordings",
	"engine/rule/check_loop.go":     "engine/rule/functions.go",
	"engine/rule/check_past.go":     "engine/rule/functions_time.go",
	"engine/rule/check_call.go":     "engine/rule/functions_time.go",
	"engine/rule/check_operator.go": "engine/rule/arithmetic.go",
}

// notRead are folders in which nothing is said of a file that validate reads.
var notRead = []string{
	"checktypes/checktest", "engine/server", "engine/store",
	"engine/cli/importer", "engine/cli/draft", "engine/cli/survey",
}

// wordings reads in the module's own source all that a diagnostic may say.
func wordings(t *testing.T) (all []wording) {
	const root = "../.."
	found := map[string]bool{}
	for _, folder := range []string{"schema", "checktypes", "engine"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			file, _ := filepath.Rel(root, path)
			switch {
			case err != nil:
				return err
			case d.IsDir() && slices.Contains(notRead, file):
				return filepath.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			r := wordReader{T: t, set: set, file: file, found: found}
			for _, decl := range tree.Decls {
				r.declaration(decl)
			}
			all = append(all, r.all...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for file, names := range parts {
		for _, name := range names {
			if !found[file+" "+name] {
				t.Errorf("parts names %s of %s, which is not there or holds no words", name, file)
			}
		}
	}
	return all
}

// A wordReader reads one file.
type wordReader struct {
	*testing.T
	set   *token.FileSet
	file  string
	found map[string]bool // of parts
	all   []wording
}

func (r *wordReader) declaration(decl ast.Decl) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			r.call(call)
		}
		return true
	})
	switch d := decl.(type) {
	case *ast.FuncDecl:
		r.part(d.Name.Name, d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) > 0 {
				r.part(v.Names[0].Name, v)
			}
		}
	}
}

// call notes the message of a call that makes a diagnostic.
func (r *wordReader) call(call *ast.CallExpr) {
	name, of := called(call)
	for _, s := range sayings {
		if s.call != name || !strings.HasPrefix(r.file, s.under) || of == "fmt" || of == "t" || s.argument >= len(call.Args) {
			continue
		}
		w := r.wording(call.Args[s.argument], "(?s)^%s$")
		if w.fixed > 0 {
			r.all = append(r.all, w)
		} else if passing[r.file] == "" {
			r.Errorf("%s: the message is another function's: name the file in passing, and that function in parts", w.at)
		}
	}
}

// called is the name of what is called, and of the package or variable before it.
func called(call *ast.CallExpr) (name, of string) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name, ""
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			of = x.Name
		}
		return f.Sel.Name, of
	}
	return "", ""
}

// part notes what one of parts returns, makes an error of, assigns or lists, where
// that is more than one word.
func (r *wordReader) part(name string, decl ast.Node) {
	if !slices.Contains(parts[r.file], name) {
		return
	}
	add := func(e ast.Expr) bool {
		w := r.wording(e, "(?s)%s")
		if w.fixed == 0 || !strings.Contains(w.text, " ") {
			return false
		}
		w.part = true
		r.all = append(r.all, w)
		r.found[r.file+" "+name] = true
		return true
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ReturnStmt: // a value comes before the message, a hint after it
			_ = slices.ContainsFunc(n.Results, func(e ast.Expr) bool {
				value, ok := e.(*ast.Ident)
				return add(e) || !ok || value.Name != "nil"
			})
		case *ast.CallExpr:
			if f, _ := called(n); f == "New" || f == "Errorf" {
				add(n.Args[0])
			}
		case *ast.AssignStmt:
			if !isHint(n.Lhs[0]) {
				add(n.Rhs[0])
			}
		case *ast.KeyValueExpr:
			add(n.Value)
		case *ast.CompositeLit:
			// Where all elements of a list are alike, what a library says stands first.
			if first := map[bool]int{true: 0, false: 1}[n.Type != nil]; len(n.Elts) > first {
				add(n.Elts[first])
			}
		}
		return true
	})
}

func isHint(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "hint"
	case *ast.SelectorExpr:
		return e.Sel.Name == "hint"
	}
	return false
}

// wording is what an expression may be: a format, texts joined by +, or fmt.Sprintf
// of either. The pattern of that is put into another one.
func (r *wordReader) wording(e ast.Expr, within string) wording {
	w := wording{at: fmt.Sprintf("%s:%d", r.file, r.set.Position(e.Pos()).Line)}
	w.pattern = regexp.MustCompile(fmt.Sprintf(within, w.add(e)))
	return w
}

// add adds an expression's text, and returns its pattern.
func (w *wording) add(e ast.Expr) (pattern string) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return w.addFormat(text)
	case *ast.BinaryExpr:
		return w.add(e.X) + w.add(e.Y)
	case *ast.CallExpr:
		if f, of := called(e); of == "fmt" && f == "Sprintf" {
			return w.add(e.Args[0])
		}
	}
	w.text += "…"
	return ".+"
}

var verb = regexp.MustCompile(`%(\[[0-9]\])?[0-9]*[a-zA-Z%]`)

// verbPatterns are what may be in a verb's place; anything else is .+
var verbPatterns = map[string]string{"%%": "%", "%d": "-?[0-9]+", "%q": `".*"`, "%c": "."}

func (w *wording) addFormat(text string) (pattern string) {
	last := 0
	for _, at := range verb.FindAllStringIndex(text, -1) {
		pattern += w.addFixed(text[last:at[0]])
		if p, ok := verbPatterns[text[at[0]:at[1]]]; ok {
			pattern += p
		} else {
			pattern += ".+"
		}
		w.text += "…"
		last = at[1]
	}
	return pattern + w.addFixed(text[last:])
}

func (w *wording) addFixed(text string) (pattern string) {
	w.text += text
	w.fixed += len(strings.Trim(text, " :,;"))
	return regexp.QuoteMeta(text)
}
