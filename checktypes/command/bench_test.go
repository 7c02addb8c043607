package command

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"polyhealth/checktypes"
)

// BenchmarkProbe is what a command costs beside its own work: compare with Bare.
func BenchmarkProbe(b *testing.B) {
	p, err := Type.Open(argv("true"), checktypes.Env{Dir: "/", Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBare(b *testing.B) {
	for b.Loop() {
		if err := exec.Command("true").Run(); err != nil {
			b.Fatal(err)
		}
	}
}
