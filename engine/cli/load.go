package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"polyhealth/checktypes/all"
	"polyhealth/checktypes/systemd"
	"polyhealth/engine"
	"polyhealth/engine/alert"
	alertall "polyhealth/engine/alert/all"
	"polyhealth/engine/suite"
	"polyhealth/schema"
)

// defaultFile is what commands read where no file is named.
const (
	defaultFile = "checks.yaml"
	systemFile  = "/etc/polyhealth/checks.yaml"
	stdin       = "<stdin>" // how messages name it
)

// registry lists all that a file may declare.
func registry() engine.Registry {
	return engine.Registry{Types: all.Types(), Notifiers: alert.Types(alertall.Kinds()), UnitName: systemd.UnitName}
}

// loaded is a file, or a folder of them, read once.
type loaded struct {
	doc   *schema.Document
	plan  *engine.Plan // nil where there are mistakes
	suite *suite.Suite // its tests
	*schema.Reader
	mode []schema.Diagnostic // of a file that others can change or read
}

// Diagnostics are the Reader's, and before them what is to be said of the file as
// such.
func (l *loaded) Diagnostics() []schema.Diagnostic {
	return append(slices.Clip(l.mode), l.Reader.Diagnostics()...)
}

// load reads and compiles a file. run, reload, validate and check all come
// through here, so that none accepts what another refuses. An error means that
// the file could not be read at all.
func load(file string, in io.Reader) (*loaded, error) {
	l := &loaded{Reader: schema.NewReader()}
	var err error
	if l.doc, err = document(file, in, l.Reader); err != nil {
		return nil, err
	}
	l.compile()
	for _, f := range l.doc.Files {
		l.mode = append(l.mode, warnOfMode(f.Name, l.plan != nil && len(l.Exposed()) > 0)...)
	}
	return l, nil
}

func (l *loaded) compile() {
	if l.plan = engine.Compile(l.doc, registry(), l.Reader); l.plan == nil {
		return
	}
	if l.suite = suite.Compile(l.doc.Root.Get("tests"), l.plan, l.Reader); l.Failed() {
		l.plan = nil
	}
}

// document reads a file and what it includes, or all files of a folder.
func document(file string, in io.Reader, r *schema.Reader) (*schema.Document, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return schema.ParseFolder(file, schema.OSEnv(), r), nil
	}
	label, src, err := read(file, in)
	if err != nil {
		return nil, err
	}
	return schema.Parse(label, src, schema.OSEnv(), r), nil
}

// read returns a file's name for messages and its bytes, of one that is too large
// as many as it takes to see that; - is in.
func read(file string, in io.Reader) (string, []byte, error) {
	if file == "-" {
		src, err := io.ReadAll(io.LimitReader(in, schema.MaxFile+1))
		if err != nil {
			return "", nil, fmt.Errorf("cannot read standard input: %w", err)
		}
		return stdin, src, nil
	}
	if file == stdin {
		return "", nil, errors.New("standard input cannot be read again")
	}
	f, err := os.Open(file)
	if err != nil {
		return "", nil, fmt.Errorf("cannot read %s: %w", file, cause(err))
	}
	defer f.Close()
	var src bytes.Buffer
	if info, err := f.Stat(); err == nil {
		src.Grow(int(min(info.Size(), schema.MaxFile)) + bytes.MinRead)
	}
	if _, err := src.ReadFrom(io.LimitReader(f, schema.MaxFile+1)); err != nil {
		return "", nil, fmt.Errorf("cannot read %s: %w", file, cause(err))
	}
	return file, src.Bytes(), nil
}

// plain reports as an error that what stands in a file's place is none, such as a
// pipe, which would keep whoever reads it waiting for ever. A command may wait; a
// daemon has more to do.
func plain(file string) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return fmt.Errorf("cannot read %s: it is not a plain file", file)
	}
	return nil // if it cannot be read, reading it says why
}

// cause is an *os.PathError without its operation and path.
func cause(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}

// findFile is the file to run: the one named, else checks.yaml here, else the
// system's.
func findFile(named string) string {
	if named != "" {
		return named
	}
	if _, err := os.Stat(defaultFile); err != nil {
		if _, err := os.Stat(systemFile); err == nil {
			return systemFile
		}
	}
	return defaultFile
}

// databasePath is where a plan's database is.
func databasePath(p *engine.Plan) string {
	if p.Storage.Path != "" {
		return p.Path(p.Storage.Path)
	}
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return filepath.Join(dir, "polyhealth.db")
	}
	return "polyhealth.db"
}
