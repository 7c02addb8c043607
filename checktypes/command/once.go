package command

import (
	"context"

	"polyhealth/schema"
)

// A Program is one to be run once, outside of a check.
type Program struct {
	Argv      []string
	Dir       string            // it runs there, and is looked for from there where it is named with a slash
	Env       map[string]string // besides what a check's program gets
	MaxOutput int               // bytes of each output that are kept, from the beginning
}

// An End is how a program ended.
type End struct {
	InTime         bool // it ended before ctx did
	ExitCode       int
	Signal         string // that killed it, or empty
	Stdout, Stderr string
}

// Run runs a program as a check does: in a session of its own, without a terminal and
// with little of our environment. When it ends, or ctx does, whatever it has begun is
// killed. An error means that it was not run.
func Run(ctx context.Context, program Program) (End, error) {
	p := &prober{dir: program.Dir, config: Config{
		Argv: program.Argv, Env: program.Env, MaxOutput: schema.Size(program.MaxOutput),
	}}
	cmd, err := p.program()
	if err != nil {
		return End{}, err
	}
	j, err := start(cmd, "", program.MaxOutput)
	if err != nil {
		return End{}, p.cannotStart(cmd.Path, err)
	}
	e := End{InTime: j.finish(ctx), Stdout: j.stdout.text(), Stderr: j.stderr.text()}
	if e.InTime {
		e.ExitCode, e.Signal = exit(j.status)
	}
	return e, nil
}
