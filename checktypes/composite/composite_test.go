package composite

import (
	"context"
	"errors"
	"testing"

	"polyhealth/checktypes"
	"polyhealth/checktypes/checktest"
)

func TestConform(t *testing.T) {
	checktest.Conform(t, Type, checktest.Cases{Good: func(*testing.T) any { return Type.NewConfig() }})
}

// probe judges members of the given statuses, named a, b, c, …
func probe(t *testing.T, statuses ...string) (checktypes.Facts, error) {
	t.Helper()
	var members []checktypes.Member
	for i, status := range statuses {
		members = append(members, checktypes.Member{Name: string(rune('a' + i)), Status: status})
	}
	p, err := Type.Open(Type.NewConfig(), checktypes.Env{Members: func() ([]checktypes.Member, error) { return members, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	return p.Run(context.Background())
}

// TestJudge: without rules it is the overall status of its checks, as /health has it.
func TestJudge(t *testing.T) {
	const h, d, u, n = "healthy", "degraded", "unhealthy", "unknown"
	for _, c := range []struct {
		of      []string
		status  checktypes.Status
		summary string
	}{
		{[]string{h}, checktypes.Healthy, "all 1 healthy"},
		{[]string{h, h}, checktypes.Healthy, "all 2 healthy"},
		{[]string{h, d}, checktypes.Degraded, "1 of 2 healthy; degraded: b"},
		{[]string{h, d, u}, checktypes.Unhealthy, "1 of 3 healthy; unhealthy: c; degraded: b"},
		{[]string{h, n}, checktypes.Degraded, "1 of 2 healthy; unknown: b"},
		{[]string{n, d}, checktypes.Degraded, "0 of 2 healthy; degraded: b; unknown: a"},
		{[]string{n, n}, checktypes.Unknown, "0 of 2 healthy; unknown: a, b"},
		{[]string{n, u}, checktypes.Unhealthy, "0 of 2 healthy; unhealthy: b; unknown: a"},
		{[]string{u, u, u, u, u, u, u}, checktypes.Unhealthy, "0 of 7 healthy; unhealthy: a, b, c, d, e and 2 more"},
	} {
		facts, err := probe(t, c.of...)
		if err != nil || facts.Judge() != c.status || facts.Summary() != c.summary {
			t.Errorf("%v: %v, %q, %v; want %v, %q", c.of, facts.Judge(), facts.Summary(), err, c.status, c.summary)
		}
	}
}

// TestNotYet hands on that something is not known yet.
func TestNotYet(t *testing.T) {
	p, err := Type.Open(Type.NewConfig(), checktypes.Env{Members: func() ([]checktypes.Member, error) { return nil, checktypes.ErrNotYet }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context()); !errors.Is(err, checktypes.ErrNotYet) {
		t.Errorf("the error is %v", err)
	}
}
