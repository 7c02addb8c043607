package act

import (
	"context"
	"fmt"
	"strings"

	"polyhealth/checktypes/command"
	"polyhealth/engine"
	"polyhealth/engine/recovery"
)

const (
	maxOutput = 1 << 20 // bytes that are read of each output
	maxTail   = 1000    // characters that are shown of its end
)

// run runs a program. Nothing of the component is in its arguments, which every user of
// the machine can read.
func (d *Doer) run(ctx context.Context, s engine.RecoveryStep, of recovery.Occasion) (engine.RecoveryResult, string) {
	env := map[string]string{}
	for name, value := range facts(of) {
		env["POLYHEALTH_"+name] = value
	}
	end, err := command.Run(ctx, command.Program{Argv: s.Argv, Dir: s.Dir, Env: env, MaxOutput: maxOutput})
	said := tail(strings.TrimSpace(end.Stdout + "\n" + end.Stderr))
	switch {
	case err != nil:
		return engine.RecoveryFailed, err.Error()
	case !end.InTime:
		result, why := failure(ctx, s, ctx.Err())
		return result, join(why, said)
	case end.Signal != "":
		return engine.RecoveryFailed, join("killed by "+end.Signal, said)
	case end.ExitCode != 0:
		return engine.RecoveryFailed, join(fmt.Sprintf("exit %d", end.ExitCode), said)
	}
	return engine.RecoveryDone, said
}

func join(why, said string) string {
	if said == "" {
		return why
	}
	return why + ": " + said
}

// tail is the end of a text.
func tail(text string) string {
	if r := []rune(text); len(r) > maxTail {
		return "…" + string(r[len(r)-maxTail+1:])
	}
	return text
}
