package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/alert"
	alertall "polyhealth/engine/alert/all"
	"polyhealth/engine/recovery"
	"polyhealth/engine/server"
	"polyhealth/engine/store"
	"polyhealth/schema"
)

// A daemon is polyhealth running: the engine, and all that listens to it.
type daemon struct {
	file    string
	initial *loaded
	log     *slog.Logger
	secrets *atomic.Pointer[schema.Secrets] // of the plan that runs, and the ones before

	engine *engine.Engine
	store  *shelf
	alerts *alert.Dispatcher
	repair *recovery.Actor
	server *server.Server

	mu       sync.Mutex // one reload at a time
	listener net.Listener
	last     atomic.Pointer[server.ReloadState]
	read     atomic.Pointer[schema.Document] // as it was last, also with mistakes
	stopBy   atomic.Pointer[time.Time]       // when a stop that has begun should be over
}

// newDaemon readies a daemon whose file has been loaded. Nothing is opened yet.
func newDaemon(l *loaded, h slog.Handler) *daemon {
	d := &daemon{file: l.doc.File, initial: l, secrets: &atomic.Pointer[schema.Secrets]{}}
	d.secrets.Store(l.Secrets)
	d.read.Store(l.doc)
	d.log = slog.New(redacting(h, d.redact))
	return d
}

func (d *daemon) redact(text string) string { return d.secrets.Load().Redact(text) }

// run is the daemon's life, in order: open what can fail, restore, begin, and
// undo it all backwards. It returns when ctx ends, or why it could not begin.
func (d *daemon) run(ctx context.Context) error {
	plan := d.initial.plan
	s, err := d.openStore(plan)
	if err != nil {
		return err
	}
	d.store = &shelf{}
	d.store.Store(s)
	defer func() { d.closeStore(d.store.Load()) }()

	d.alerts = alert.New(d.log, d.store, watched{d}, alertall.Kinds()...)
	d.repair = d.newActor()
	d.engine = engine.New(d.log, d.store, d.alerts, d.repair, transitions{d.log})
	d.server = server.New(d.engine, d.sources())
	admin, err := d.listen(plan)
	if err != nil {
		return err
	}
	if err := d.begin(plan); err != nil {
		if admin != nil {
			admin.Close()
		}
		return errors.Join(err, d.listener.Close())
	}
	d.server.Serve(d.listener)
	if admin != nil {
		d.server.ServeAdmin(admin)
	}
	d.work(ctx, plan)
	return nil
}

// listen takes the address and the admin socket of a plan. Where the disk takes no
// socket, admin is nil: SIGHUP, say, still reloads.
func (d *daemon) listen(plan *engine.Plan) (admin net.Listener, err error) {
	if d.listener, err = server.Listen(plan.Server.Listen); err != nil {
		return nil, err
	}
	admin, err = server.ListenAdmin(adminSockets(plan)[0])
	if errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOSPC) {
		d.log.Error("polyhealth reload will not find this daemon", "error", err)
		return nil, nil
	}
	if err != nil {
		d.listener.Close()
	}
	return admin, err
}

// begin restores what is known and makes the plan current.
func (d *daemon) begin(plan *engine.Plan) error {
	d.engine.Restore(d.store.Load().Load())
	change, err := d.engine.Prepare(plan)
	if err != nil {
		return err
	}
	routes, err := d.alerts.Prepare(plan)
	if err != nil {
		change.Abort()
		return err
	}
	change.Commit()
	d.settle(routes)
	now := time.Now()
	d.last.Store(&server.ReloadState{OK: true, At: now, Success: now})
	return nil
}

// settle tells the store, the routes and recovery what the engine has just taken up.
func (d *daemon) settle(routes *alert.Change) {
	components := d.engine.Components(nil)
	d.store.Load().Sync(components)
	routes.Commit(components)
	d.repair.Commit(d.engine.Plan())
}

// work runs until ctx ends, then stops: the server last, so that a stop that
// takes its time can be watched.
func (d *daemon) work(ctx context.Context, plan *engine.Plan) {
	var others sync.WaitGroup
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	grace := time.Duration(plan.Server.ShutdownTimeout)
	defer context.AfterFunc(ctx, func() { d.stopBy.Store(new(time.Now().Add(grace))) })()
	// Probes and messages that hang are given half of the time that the stop may take,
	// at once; clients and the database what is left then.
	others.Go(func() { d.alerts.Run(ctx, grace/2) })
	others.Go(func() { d.repair.Run(ctx) })
	others.Go(func() { d.backfill(inner) })
	others.Go(func() { watchdog(inner, d.engine.Pulse) })
	if d.file != stdin {
		others.Go(func() { d.watch(inner) })
	}
	others.Go(func() { d.hangups(inner) })

	d.log.Info("polyhealth is running", "version", Version(), "file", d.file,
		"checks", len(plan.Checks), "address", d.listener.Addr().String(), "database", databasePath(plan))
	ready(count(len(plan.Checks), "check"))
	d.engine.Run(ctx, grace/2)

	stopping()
	d.log.Info("stopping")
	cancel()
	others.Wait()
	end, done := context.WithTimeout(context.Background(), grace/4)
	defer done()
	if err := d.server.Shutdown(end); err != nil {
		d.log.Debug("closing connections", "error", err)
	}
}

// openStore opens a plan's database.
func (d *daemon) openStore(plan *engine.Plan) (*store.Store, error) {
	return store.Open(databasePath(plan), store.Options{
		Log: d.log, Retention: time.Duration(plan.Storage.Retention),
	})
}

// closeStore keeps what is pending and lets go of a database.
func (d *daemon) closeStore(s *store.Store) {
	limit := time.Duration(d.initial.plan.Server.ShutdownTimeout)
	if by := d.stopBy.Load(); by != nil {
		limit = max(limit/4, time.Until(*by))
	}
	end, done := context.WithTimeout(context.Background(), limit)
	defer done()
	if err := s.Close(end); err != nil {
		d.log.Error("closing the database", "error", err)
	}
}

// watch reloads when the file is not what was last read, whoever asked for that.
func (d *daemon) watch(ctx context.Context) {
	watch(ctx, d.read.Load, func() { d.reloadNow("the file changed") })
}

// hangups reloads at SIGHUP. Signals that come while a reload runs make one more.
func (d *daemon) hangups(ctx context.Context) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			d.reloadNow("SIGHUP")
		}
	}
}

// backfill fills the sparklines, and the windows that rules look back over, with what
// the results were before the start.
func (d *daemon) backfill(ctx context.Context) {
	err := d.store.Load().Recent(ctx, time.Now().Add(-d.engine.Horizon()), d.engine.Backfill)
	if err != nil && ctx.Err() == nil {
		d.log.Warn("the results before the start could not be read", "error", err)
	}
}
