package cli

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"
	"polyhealth/engine/server"
	"polyhealth/engine/store"
	"polyhealth/schema"
)

// reloadNow reloads for a reason that nobody waits for the outcome of.
func (d *daemon) reloadNow(reason string) { _, _ = d.reload(context.Background(), reason) }

// reload reads the file again. Everything that can fail comes first: parse,
// compile, open, bind. Then the new plan takes over as a whole. A failure leaves
// all as it was, and is loud.
func (d *daemon) reload(_ context.Context, reason string) (engine.Diff, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	reloading()
	defer func() { ready(count(len(d.engine.Plan().Checks), "check")) }()
	state := *d.last.Load()
	state.At = time.Now()
	diff, err := d.swap()
	if err != nil {
		state.OK, state.Error = false, d.redact(why(err))
		d.log.Error("the file was not reloaded, the one before still runs", "reason", reason, "error", state.Error)
	} else {
		d.announce(reason, diff, !state.OK)
		state.OK, state.Error, state.Success = true, "", state.At
	}
	d.last.Store(&state)
	return diff, err
}

// announce logs a reload, at debug where it changed nothing and mended nothing.
func (d *daemon) announce(reason string, diff engine.Diff, mended bool) {
	if diff.Empty() && !mended {
		d.log.Debug("reloaded, nothing changed", "reason", reason)
		return
	}
	d.log.Info("reloaded", "reason", reason, "added", len(diff.Added), "changed", len(diff.Changed),
		"removed", len(diff.Removed), "settings", len(diff.Settings))
}

// swap prepares the file as it is now, and commits it.
func (d *daemon) swap() (engine.Diff, error) {
	l, err := d.loadAgain()
	if err != nil {
		return engine.Diff{}, err
	}
	if l.plan == nil {
		return engine.Diff{}, rejected(l.Diagnostics())
	}
	n := &next{loaded: l}
	if err := d.prepare(n); err != nil {
		n.abort()
		return engine.Diff{}, err
	}
	d.commit(n)
	return n.checks.Diff(), nil
}

// loadAgain loads the file, and notes what it was like.
func (d *daemon) loadAgain() (l *loaded, err error) {
	read := &schema.Document{File: d.file} // of what cannot be read
	if err = plain(d.file); err == nil {
		l, err = load(d.file, nil)
	}
	if err == nil {
		read = l.doc
	}
	d.read.Store(read)
	return l, err
}

// next is a file that is about to take over: what was opened for it, nil where
// the old one serves as well.
type next struct {
	*loaded
	listener net.Listener
	store    *store.Store
	checks   *engine.Change
	routes   *alert.Change
}

// prepare opens all that the next file needs.
func (d *daemon) prepare(n *next) (err error) {
	old := d.engine.Plan()
	if adminSockets(old)[0] != adminSockets(n.plan)[0] && n.plan.Server.AdminSocket != old.Server.AdminSocket {
		return errors.New("server.admin_socket cannot change while polyhealth runs: restart it")
	}
	if old.Server.Listen != n.plan.Server.Listen {
		if n.listener, err = server.Listen(n.plan.Server.Listen); err != nil {
			return err
		}
	}
	if databasePath(old) != databasePath(n.plan) {
		if n.store, err = d.openStore(n.plan); err != nil {
			return err
		}
		if trouble := n.store.Health().Trouble; trouble != "" {
			return errors.New(trouble) // to begin with it is one thing, to change to it another
		}
	}
	if n.checks, err = d.engine.Prepare(n.plan); err != nil {
		return err
	}
	n.routes, err = d.alerts.Prepare(n.plan)
	return err
}

// abort closes what was opened in vain.
func (n *next) abort() {
	if n.listener != nil {
		n.listener.Close()
	}
	if n.store != nil {
		_ = n.store.Close(context.Background()) // nothing was written to it
	}
	if n.checks != nil {
		n.checks.Abort()
	}
}

// commit lets all that was prepared take over. Nothing here can fail.
func (d *daemon) commit(n *next) {
	secrets := &schema.Secrets{} // the old ones stay secret: what they are in may still be shown
	secrets.Merge(d.secrets.Load())
	secrets.Merge(n.Secrets)
	d.secrets.Store(secrets)
	if n.store != nil {
		go d.closeStore(d.store.Swap(n.store))
	}
	n.checks.Commit()
	d.settle(n.routes)
	d.store.Load().SetRetention(time.Duration(n.plan.Storage.Retention))
	if n.listener != nil {
		d.server.Serve(n.listener)
		d.listener.Close()
		d.listener = n.listener
	}
}

// rejected is the error of a file with mistakes.
func rejected(ds []schema.Diagnostic) error {
	var asJSON, asText bytes.Buffer
	_ = schema.WriteJSON(&asJSON, ds)
	_ = schema.WriteText(&asText, ds, false)
	return &server.Rejected{JSON: asJSON.Bytes(), Text: asText.String()}
}

// why is an error in one line: of a file with mistakes, the first of them.
func why(err error) string {
	var r *server.Rejected
	if !errors.As(err, &r) {
		return err.Error()
	}
	for line := range strings.Lines(r.Text) {
		if strings.Contains(line, ": error: ") {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return err.Error()
}
