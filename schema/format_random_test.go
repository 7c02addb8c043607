package schema

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestFormatAnyLayout: whatever the layout of a file, it is formatted as promised.
func TestFormatAnyLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &messy{t: t}
		w.file()
		if src := w.b.String(); !holdsFormat(t, src) {
			t.Fatalf("%q is no YAML", src)
		}
	})
}

// messy writes YAML in as many layouts as there are.
type messy struct {
	t       *rapid.T
	b       strings.Builder
	words   int
	anchors []string
	body    bool // a block scalar was written last
}

func (w *messy) put(parts ...string) {
	for _, part := range parts {
		w.b.WriteString(part)
	}
}

func (w *messy) upTo(n int) int { return rapid.IntRange(0, n).Draw(w.t, "n") }

func (w *messy) pad(least, most int) string {
	return strings.Repeat(" ", rapid.IntRange(least, most).Draw(w.t, "spaces"))
}

// any draws one of some texts, in which each @ stands for a new word.
func (w *messy) any(texts ...string) string {
	parts := strings.Split(rapid.SampledFrom(texts).Draw(w.t, "text"), "@")
	text := parts[0]
	for _, part := range parts[1:] {
		w.words++
		word := "w" + strconv.Itoa(w.words)
		if strings.HasSuffix(text, "&") {
			w.anchors = append(w.anchors, word)
		}
		text += word + part
	}
	return text
}

func (w *messy) file() {
	w.put(w.any("", "\uFEFF", "\n\n", "# @\n", "#!@\n\n", "%YAML 1.1\n---\n", "--- # @\n"))
	margin := w.pad(0, 3)
	w.put(margin)
	w.block(len(margin), 0, rapid.Bool().Draw(w.t, "list"))
	w.put(w.any("", "\n", "\n\n\n", "\n# @", "\n...\n#@\n"))
}

// block writes a list or map where it stands, which is at a column.
func (w *messy) block(column, depth int, list bool) {
	for i := range 1 + w.upTo(3) {
		if i > 0 {
			w.line(column, strings.Repeat(" ", column))
		}
		switch {
		case list:
			w.put("-")
		case w.upTo(9) == 0:
			w.put(w.any("? @", "?   &@ @", "? - @", "? [@,\n @]"))
			w.line(column, strings.Repeat(" ", column)+":")
		default:
			w.put(w.any("@", "@ x", "'@'", `"@ # y"`, "@#", "&@ @", "!@ @", "[@,@ ]"), w.any("", "", " ", "  "), ":")
		}
		w.value(column, list, depth)
	}
}

// line ends a line, may write some that hold nothing, and begins another.
func (w *messy) line(column int, begin string) {
	if !w.body {
		w.put(w.any("", "", " ", "  # @", " #@", w.aside(), w.aside()))
	}
	w.put(w.any("\n", "\n", "\n", "\r\n", "\n\n", "\n \n\n", "\n"+strings.Repeat(" ", asideColumn)+"#@\n"))
	for range w.upTo(2) {
		most := column
		if !w.body {
			most += 6
		}
		w.put(w.pad(0, most), w.any("#", "# @", "#@", "#  @", "##@", "#! @"), w.any("\n", " \n", "\n\n\n"))
	}
	w.body = false
	w.put(begin)
}

// asideColumn is where comments behind values stand that are in one column.
const asideColumn = 30

// aside is one of those, or "" in a line that is too long.
func (w *messy) aside() string {
	text := w.b.String()
	written := utf8.RuneCountInString(text[strings.LastIndexByte(text, '\n')+1:])
	if written >= asideColumn {
		return ""
	}
	return strings.Repeat(" ", asideColumn-written) + "# @"
}

// value writes what is behind the - or : of an entry at a column.
func (w *messy) value(column int, list bool, depth int) {
	deeper := column + 1 + w.upTo(4)
	kinds := 9
	if depth > 3 {
		kinds = 5
	}
	switch w.upTo(kinds) {
	case 0:
	case 1:
		w.put(w.pad(1, 3), w.scalar())
	case 2:
		w.text(column, deeper)
	case 3:
		between := w.any("\n", "  \n\n") + strings.Repeat(" ", deeper)
		w.put(" ", strings.ReplaceAll(w.any("@|@", "'@|@'", `"@|\\|@"`, `"@\\ |@"`, "@|@ @|  @"), "|", between))
	case 4:
		w.put(w.pad(1, 2))
		w.flow(depth)
	case 5:
		w.line(column, strings.Repeat(" ", deeper))
		w.put(w.scalar())
	case 6:
		w.put(w.any(" &@", "  !@", ""))
		w.line(column, strings.Repeat(" ", deeper))
		w.block(deeper, depth+1, rapid.Bool().Draw(w.t, "list"))
	case 7, 8:
		if list {
			space := w.pad(1, 4)
			w.put(space)
			w.block(column+1+len(space), depth+1, rapid.Bool().Draw(w.t, "list"))
			return
		}
		w.line(column, strings.Repeat(" ", column))
		w.block(column, depth+1, true)
	case 9:
		w.line(column, strings.Repeat(" ", deeper))
		w.flow(depth)
	}
}

func (w *messy) scalar() string {
	if len(w.anchors) > 0 && w.upTo(5) == 0 {
		return "*" + rapid.SampledFrom(w.anchors).Draw(w.t, "anchor")
	}
	return w.any("@", "'@  @'", `"@ \" # @"`, "12", "~", "${@}", "@:@ #@", "&@ @", "!!str @", "!@", "@,[ ]")
}

// text writes a block scalar.
func (w *messy) text(column, deeper int) {
	header := w.any("|", ">") + w.any("", "+", "-")
	asked := rapid.Bool().Draw(w.t, "asked")
	if asked {
		header += strconv.Itoa(deeper - column)
	}
	w.put(w.pad(1, 2), header, w.any("", "", "  ", " #@"), "\n")
	for i := range 1 + w.upTo(3) {
		line := w.any("@", "@", "# @", "- @: ", "@  ")
		if i > 0 || asked {
			line = w.any("", "  ", "\t") + line
		}
		w.put(w.any("", "", "\n"), strings.Repeat(" ", deeper), line, "\n")
	}
	w.put(w.any("", "", " ", "\n"))
	w.body = true
}

// flow writes a list or map in brackets.
func (w *messy) flow(depth int) {
	list := rapid.Bool().Draw(w.t, "list")
	gap := func() string { return w.any("", "", " ", "   ", "\n", "\n    ", " # @\n  ", "\n\n\n #@\n") }
	w.put(map[bool]string{true: "[", false: "{"}[list], gap())
	for range w.upTo(3) {
		if !list || w.upTo(5) == 0 {
			w.put(w.any("@: ", "@ :  ", "'@':", `"@" : `, "? @ : ", "? @\n:\n "))
		}
		if depth < 3 && w.upTo(3) == 0 {
			w.flow(depth + 1)
		} else {
			w.put(w.any("@", "@ @", "'@'", `"@ ,"`, "@\n  @", "!@ "))
		}
		w.put(gap(), ",", gap())
	}
	w.put(map[bool]string{true: "]", false: "}"}[list])
}

// TestFormatSoup: what is put together of YAML's parts is formatted as promised
// where it happens to be YAML, and refused where not.
func TestFormatSoup(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tries, formatted := 20_000, 0
	if testing.Short() {
		tries = 2_000
	}
	for range tries {
		var b strings.Builder
		for range 2 + random.IntN(16) {
			b.WriteString(soup[random.IntN(len(soup))])
		}
		if holdsFormat(t, b.String()) {
			formatted++
		}
	}
	if formatted < tries/20 {
		t.Errorf("of %d only %d are YAML", tries, formatted)
	}
}

var soup = []string{
	"a: ", "b: ", "a:", "c", "x", "x y", "x#y", "x\n  y", "é", "${X}", "- ", "- ", "-", "? ", "?", ": ", ":",
	"\n", "\n", "\n\n", "\n\n\n", "\n  ", "\n  ", "\n    ", "\n      ", "\n - ", "\n  - ", "\n- ", "\n? ", "\n: ", "\n  : ", "\n  ? ",
	" ", "  ", "\t", "\n\t", "   \n", "\n   \n", "\r\n", "\r", "\u0085", "\u2028",
	"# c", "#c", " # c", "   # c", "\n   # c", "\n# c", "\n  # c", "\n    #c\n", "|", "| # x", ">+", "|2-", "|1", "|-", ">", "\n    z",
	"{", "}", "[", "]", ", ", ",", "[a, b]", "{a: b}", "[a,\n b]", "{a: b,\n# c\n}",
	`"q"`, "'s'", "\"x\n y\"", "'s\n\n  t'", "\"e\\\n  f\"", "\"g\\ \n h\"",
	"&a ", "&b\n", "*a", "*a ", "!t ", "!!str ", "<<: ", "---", "---\n", "\n---\n", "...", "\n...\n", "%", "@",
}

// FuzzFormat: whatever a file holds, it is formatted as promised, or refused, and
// soon.
func FuzzFormat(f *testing.F) {
	for _, c := range formatCases {
		f.Add(c.in)
	}
	for _, c := range placeCases {
		f.Add(strings.NewReplacer("‹", "", "›", "").Replace(c.file))
	}
	for _, src := range yamlFiles(f) {
		if len(src) < 50_000 {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 100_000 {
			return
		}
		took, memory := cost(func() { Format("f.yaml", []byte(src), NewReader()) })
		if took > 2*time.Second || memory > 200 {
			t.Errorf("%d bytes took %v and %d MiB", len(src), took, memory)
		}
		holdsFormat(t, src)
	})
}

// TestFormatFiles: what is YAML of the files with mistakes, and of ours, is
// formatted as promised.
func TestFormatFiles(t *testing.T) {
	formatted := 0
	for name, src := range yamlFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if holdsFormat(t, src) {
				formatted++
			}
		})
	}
	if formatted < 100 {
		t.Errorf("only %d are YAML", formatted)
	}
}

// yamlFiles are the files of the repository, by name.
func yamlFiles(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"testdata/err/*.yaml", "../*.yaml", "../*/*.yaml", "../examples/*/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(src)
		}
	}
	return files
}
