package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"polyhealth/engine"
)

// Glimpse reads what the database at path knows of one check: its state, and its newest
// results since a time, oldest first and at most limit. A daemon may be writing it
// meanwhile; nothing is changed, and what that daemon has written in the last moment may
// be missing.
func Glimpse(ctx context.Context, path, name string, since time.Time, limit int) (engine.State, []engine.Result, error) {
	state, results, err := glimpse(ctx, path, name, since, limit)
	if err != nil {
		err = fmt.Errorf("cannot read the database %s: %w", path, plain(err))
	}
	return state, results, err
}

func glimpse(ctx context.Context, path, name string, since time.Time, limit int) (engine.State, []engine.Result, error) {
	if info, err := os.Stat(path); err != nil {
		return engine.State{}, nil, err
	} else if !info.Mode().IsRegular() {
		return engine.State{}, nil, errors.New("it is not a file")
	}
	s := &Store{path: path, log: slog.New(slog.DiscardHandler), pending: newPending()}
	var err error
	if s.read, err = sql.Open("sqlite", source(path, "ro", readPragmas)); err != nil {
		return engine.State{}, nil, err
	}
	defer s.read.Close()
	if err := s.readFrom(ctx, s.read); err != nil {
		return engine.State{}, nil, err
	}
	results, err := s.History(ctx, name, since, time.Now(), limit)
	return s.Load()[name].State, results, err
}
