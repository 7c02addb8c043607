package http

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be another process where a test asks for one.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(serveVariable) != "":
		serve()
	case os.Getenv(starveVariable) != "":
		starve(os.Getenv(starveVariable))
	default:
		goleak.VerifyTestMain(m)
	}
}
