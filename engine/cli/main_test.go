package cli

import (
	"os"
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
	testscript.Main(m, map[string]func(){
		"polyhealth": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
