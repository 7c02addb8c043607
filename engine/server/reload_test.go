package server

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polyhealth/engine"
)

// reloader counts the reloads that it is asked for, and answers each alike.
type reloader struct {
	called int
	err    error
}

func (r *reloader) reload(context.Context) (engine.Diff, error) {
	r.called++
	return engine.Diff{
		Added: []string{"new"}, Changed: []engine.Changed{{Name: "api", Keys: []string{"interval"}}}, Removed: []string{}, Settings: []string{}, Unchanged: 3,
	}, r.err
}

func TestReloadTellsWhatCameOfIt(t *testing.T) {
	mistakes := &Rejected{
		JSON: []byte(`[{"file":"checks.yaml","line":3,"column":5,"severity":"error","path":"checks.api","message":"no","hint":""}]`),
		Text: "checks.yaml:3:5: error: no\n",
	}
	for _, c := range []struct {
		name, accept string
		err          error
		code         int
		body         string // JSON, or text where accept asks for it
	}{
		{"applied", "", nil, 200,
			`{"added":["new"],"changed":[{"name":"api","keys":["interval"]}],"removed":[],"unchanged":3,"settings":[]}`},
		{"applied, for people", "text/plain", nil, 200, "added: new\nchanged: api (interval)\n"},
		{"mistakes", "", mistakes, 422, string(mistakes.JSON)},
		{"mistakes, for people", "text/plain", mistakes, 422, mistakes.Text},
		{"not the file's fault", "", errors.New("cannot listen on :80: permission denied"), 422,
			`[{"file":"checks.yaml","line":1,"column":1,"severity":"error","path":"","message":"cannot listen on :80: permission denied","hint":""}]`},
		{"not the file's fault, for people", "text/plain", errors.New("cannot listen on :80"), 422, "error: cannot listen on :80\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := reloader{err: c.err}
			_, path := serveAdmin(t, newFakeView(), Sources{Reload: r.reload})
			got := askOver(t, dialUnix(t, path), "POST", "/-/reload", "", "Content-Length: 0", "Accept: "+c.accept)
			if got.code != c.code || r.called != 1 {
				t.Errorf("%d after %d reloads", got.code, r.called)
			}
			if c.accept == "text/plain" {
				if got.body != c.body {
					t.Errorf("got %q, want %q", got.body, c.body)
				}
				return
			}
			var have, want any
			got.into(t, &have)
			if err := json.Unmarshal([]byte(c.body), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReloadWhereThereIsNone(t *testing.T) {
	_, path := serveAdmin(t, newFakeView(), Sources{})
	if r := askOver(t, dialUnix(t, path), "POST", "/-/reload", "", "Content-Length: 0"); r.code != 501 {
		t.Errorf("%d %s", r.code, r.body)
	}
}
