package server

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"polyhealth/engine"
)

// A View is what there is to answer from: an *engine.Engine. Its methods are
// safe for concurrent use, and return at once.
type View interface {
	Components(dst []*engine.Component) []*engine.Component
	Component(name string) *engine.Component
	Each(f func(*engine.Component, *engine.Tally))
	Minutes(name string, now time.Time) []engine.Minute
	Version() uint64
	Ready() bool
	Lateness() *engine.Lateness
	Running() int64
	Pulse() time.Time
	Stalls() int64
	Plan() *engine.Plan
}

// Sources are what the server tells of besides the checks. Each may be left out:
// then what it would tell is missing from the answers. The functions are called
// from many goroutines and, History and Reload aside, must return at once.
type Sources struct {
	Version string       // of this build
	Log     *slog.Logger // for the server's own troubles; slog.Default() where nil

	LastReload func() ReloadState
	Storage    func() StorageState
	Alerts     func() []AlertStat
	// History tells what the named check's results were from one time to another,
	// oldest first. The range is at most MaxHistory, and the answer should hold a
	// few hundred points rather than every result.
	History func(ctx context.Context, name string, from, to time.Time) ([]Point, error)
	// AlertLog is what became of alerts, of one check or of all, newest first.
	AlertLog func(ctx context.Context, check string, limit int) ([]engine.AlertRecord, error)
	// Silences are those that have not expired; Silence begins one, Expire ends one.
	Silences func() []engine.Silence
	Silence  func(engine.Silence) (engine.Silence, error)
	Expire   func(id string) error
	// Recovery tells how all recovery is doing; Actions are the newest actions, newest
	// first and at most limit, of one check or where name is empty of all. Recover begins
	// a step by hand, from 1, or the next where it is 0; dry only says what it would be.
	// It fails with ErrNotFound, ErrConflict, or for another reason of the caller's.
	Recovery func() RecoveryState
	Actions  func(ctx context.Context, name string, limit int) ([]engine.RecoveryAction, error)
	Recover  func(name string, step int, dry bool) (engine.RecoveryAction, error)
	// Reload reads the file again and returns what changed, or a *Rejected with
	// the mistakes. Two may be asked for at the same time.
	Reload func(ctx context.Context) (engine.Diff, error)
}

// ReloadState is how the last reload of the file went; the first reading counts
// as one.
type ReloadState struct {
	OK      bool
	At      time.Time // of the last one
	Success time.Time // of the last one that was applied
	Error   string    // why the last one was refused, or empty
}

// StorageState is how writing to the database goes.
type StorageState struct {
	Trouble string // why nothing can be written now, or empty
	Queued  int    // events that wait to be written
	Dropped int    // events given up since the start
}

// AlertStat counts what became of the notifications of one route since the start.
type AlertStat struct {
	Route   string
	Outcome string // such as sent, failed or held_back
	Count   uint64
}

// A Point of a check's history sums up the results of a span of time.
type Point struct {
	At      time.Time     // where the span begins
	Span    time.Duration // 0 for a single result
	Count   int
	Worst   engine.Status
	Latency time.Duration // the mean
	Max     time.Duration // the greatest latency
}

// Rejected is the error of a reload that found mistakes in the file.
type Rejected struct {
	JSON []byte // the list of mistakes, as validate --format json prints it
	Text string // the same for people
}

func (*Rejected) Error() string { return "the file holds mistakes" }

// RecoveryState is how all recovery is doing.
type RecoveryState struct {
	Limits   engine.RecoveryLimits
	LastHour int // actions
	Running  int
	Counts   []RecoveryCount // since the start
}

// RecoveryCount counts actions that have ended.
type RecoveryCount struct {
	Check        string
	Step         int // from 1
	Kind, Result string
	Count        uint64
}

// Why a command was not done.
var (
	ErrNotFound = errors.New("there is no such check")
	ErrConflict = errors.New("an action is under way")
)
