package cli

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets tests start the real program: as the command polyhealth in
// scripts, and by the test binary itself elsewhere (see process_test.go).
func TestMain(m *testing.M) {
	if os.Getenv(asPolyhealth) != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	if os.Getenv(asTarget) != "" {
		serveTarget()
	}
	if os.Getenv(asLoop) != "" {
		bareLoop(os.Args[1:])
	}
	testscript.Main(waiting{m}, map[string]func(){
		"polyhealth": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// waiting are tests most of which wait for a daemon, so that more of them can run at
// once than there are processors.
type waiting struct{ *testing.M }

func (w waiting) Run() int {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p.Value.String() == p.DefValue {
		_ = p.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0)))
	}
	return w.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: func(e *testscript.Env) error { e.Setenv("GORACE", quickExit); return nil },
	})
}
