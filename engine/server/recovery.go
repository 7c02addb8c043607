package server

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"polyhealth/engine"
)

// recoveringJSON is what is shown of a component's recovery.
type recoveringJSON struct {
	State     engine.RecoveryPhase `json:"state"`
	Why       string               `json:"why"`
	Until     *time.Time           `json:"until"`
	Attempts  int                  `json:"attempts"`
	Most      int                  `json:"max_attempts"`
	DryRun    bool                 `json:"dry_run"`
	Last      *actionJSON          `json:"last"`
	Exhausted *time.Time           `json:"exhausted"`
	Tried     string               `json:"tried,omitempty"`
}

// actionJSON is one action.
type actionJSON struct {
	ID       string     `json:"id"`
	Check    string     `json:"check"`
	At       *time.Time `json:"at"`
	Step     int        `json:"step"`
	Attempt  int        `json:"attempt"`
	Kind     string     `json:"kind"`
	Action   string     `json:"action"`
	Cause    string     `json:"cause"`
	ByHand   bool       `json:"by_hand"`
	DryRun   bool       `json:"dry_run"`
	Result   string     `json:"result"` // running, before it has ended
	Detail   string     `json:"detail"`
	Ended    *time.Time `json:"ended"`
	Duration float64    `json:"duration_seconds"`
}

func actionOf(a engine.RecoveryAction) actionJSON {
	j := actionJSON{
		strconv.FormatInt(a.ID, 10), a.Component, instant(a.At), a.Step, a.Attempt, a.Kind, a.Action, a.Cause,
		a.ByHand, a.DryRun, cmp.Or(string(a.Result), "running"), a.Detail, instant(a.Ended), 0,
	}
	if !a.Ended.IsZero() {
		j.Duration = a.Ended.Sub(a.At).Round(time.Millisecond).Seconds()
	}
	return j
}

func recoveringOf(r *engine.Recovering) recoveringJSON {
	j := recoveringJSON{
		State: r.State, Why: r.Why, Until: instant(r.Until), Attempts: r.Attempts, Most: r.Most, DryRun: r.DryRun,
		Exhausted: instant(r.Exhausted), Tried: r.Tried,
	}
	if r.Last != nil {
		last := actionOf(*r.Last)
		j.Last = &last
	}
	return j
}

// appendRecovering appends what is shown of a component's recovery.
func appendRecovering(b []byte, r *engine.Recovering) []byte {
	text, err := json.Marshal(recoveringOf(r))
	if err != nil {
		panic(err) // contained; only values of our own come here
	}
	return append(b, text...)
}

// recoveryJSON is the answer of GET /api/v1/recovery.
type recoveryJSON struct {
	Limits struct {
		PerHour   int     `json:"max_actions_per_hour"`
		Serialize bool    `json:"serialize"`
		Above     float64 `json:"stop_when_unhealthy_above_percent"`
	} `json:"limits"`
	LastHour   int             `json:"actions_last_hour"`
	Running    int             `json:"actions_running"`
	Components []recoveryCheck `json:"components"`
	Actions    []actionJSON    `json:"actions"`
}

// recoveryCheck is one component in it.
type recoveryCheck struct {
	Name     string         `json:"name"`
	Status   string         `json:"status"`
	Recovery recoveringJSON `json:"recovery"`
}

// mostActions is how many actions an answer holds.
const mostActions = 100

// recovery answers GET /api/v1/recovery.
func (s *Server) recovery(w http.ResponseWriter, r *http.Request, _ string) { s.recoveries(w, r, "") }

// recoveryOf answers GET /api/v1/recovery/{name}.
func (s *Server) recoveryOf(w http.ResponseWriter, r *http.Request, name string) {
	if s.view.Component(name) == nil {
		writeError(w, http.StatusNotFound, "Component not found")
		return
	}
	s.recoveries(w, r, name)
}

func (s *Server) recoveries(w http.ResponseWriter, r *http.Request, name string) {
	j := recoveryJSON{Components: []recoveryCheck{}, Actions: []actionJSON{}}
	if s.from.Recovery != nil {
		state := s.from.Recovery()
		j.LastHour, j.Running = state.LastHour, state.Running
		j.Limits.PerHour, j.Limits.Serialize, j.Limits.Above = state.Limits.MaxActionsPerHour, state.Limits.Serialize, float64(state.Limits.StopWhenUnhealthyAbove)
	}
	for _, c := range s.view.Components(nil) {
		if c.Recovering != nil && (name == "" || c.Check.Name == name) {
			j.Components = append(j.Components, recoveryCheck{c.Check.Name, c.Status.String(), recoveringOf(c.Recovering)})
		}
	}
	if s.from.Actions != nil {
		actions, err := s.from.Actions(r.Context(), name, mostActions)
		if err != nil {
			s.log.Error("the history of recovery cannot be read", "error", err)
			writeError(w, http.StatusInternalServerError, "the history cannot be read; polyhealth's log says more")
			return
		}
		for _, a := range actions {
			j.Actions = append(j.Actions, actionOf(a))
		}
	}
	writeValue(w, http.StatusOK, j)
}

// recover answers POST /-/recover/{name}?step=N&dry_run=true: a step by hand.
func (s *Server) recover(w http.ResponseWriter, r *http.Request, name string) {
	if s.from.Recover == nil {
		writeError(w, http.StatusNotFound, "there is nothing at this path")
		return
	}
	q := r.URL.Query()
	step, err := strconv.Atoi(cmp.Or(q.Get("step"), "0"))
	dry, dryErr := strconv.ParseBool(cmp.Or(q.Get("dry_run"), "false"))
	if err != nil || dryErr != nil {
		writeError(w, http.StatusBadRequest, "step is a number, and dry_run true or false")
		return
	}
	a, err := s.from.Recover(name, step, dry)
	switch {
	case errors.Is(err, ErrNotFound):
		writeError(w, http.StatusNotFound, "Component not found")
	case errors.Is(err, ErrConflict):
		writeError(w, http.StatusConflict, err.Error())
	case err != nil:
		writeError(w, http.StatusUnprocessableEntity, err.Error())
	case dry:
		writeValue(w, http.StatusOK, actionOf(a))
	default:
		writeValue(w, http.StatusAccepted, actionOf(a))
	}
}

// recoveryMetrics writes what recovery has done since the start.
func recoveryMetrics(out *series, state RecoveryState) {
	out.family("polyhealth_recovery_actions_total", "counter", "Actions that were to repair a component, by what became of them.")
	slices.SortFunc(state.Counts, func(a, b RecoveryCount) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Result, b.Result))
	})
	for _, c := range state.Counts {
		out.text(`polyhealth_recovery_actions_total{check="`, label(c.Check), `",step="`, strconv.Itoa(c.Step),
			`",action="`, label(c.Kind), `",result="`, label(c.Result), `"} `)
		out.int(int64(c.Count))
	}
	out.gauge("polyhealth_recovery_actions_running", "Actions that run now.", int64(state.Running))
	out.gauge("polyhealth_recovery_actions_last_hour", "Actions that began within the last hour.", int64(state.LastHour))
}

// exhaustedMetrics writes for each component with a recovery whether that is at its end.
func exhaustedMetrics(out *series, components []*engine.Component) {
	out.family("polyhealth_recovery_exhausted", "gauge", "1 while the attempts to repair a component are used up, else 0.")
	for _, c := range components {
		if c.Recovering != nil {
			out.text(`polyhealth_recovery_exhausted{check="`, label(c.Check.Name), `"} `)
			out.int(one(!c.Recovering.Exhausted.IsZero()))
		}
	}
}
