package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"polyhealth/engine"
)

// limits bound what clients may take of the server.
type limits struct {
	header, read, write, idle time.Duration // of a connection
	connections               int           // over TCP at a time; file descriptors must remain for probes
	watchers                  int           // of the event stream at a time
	watcher                   time.Duration // that a watcher may take for one event
	tick, beat                time.Duration // between events: what changed, and that all is well
}

const maxHeader = 32 << 10 // bytes of a request's headers

func usualLimits() limits {
	return limits{
		header: 5 * time.Second, read: 10 * time.Second, write: 30 * time.Second, idle: 2 * time.Minute,
		connections: 1024,
		watchers:    100, watcher: 5 * time.Second,
		tick: time.Second, beat: 10 * time.Second,
	}
}

// A Server answers requests on the listeners that it is given. Its methods are
// safe for concurrent use.
type Server struct {
	view    View
	from    Sources
	log     *slog.Logger
	started time.Time
	limits  limits

	tcp, admin *http.Server
	crowd      *crowd
	serving    sync.WaitGroup // accept loops
	done       chan struct{}  // closed when Shutdown begins
	stop       sync.Once

	overall    kept
	components []*engine.Component // belongs to overall's render
	scrapes    sync.Pool           // of *scrape
	runtime    prometheus.Gatherer // Go's and the process's metrics
	events     *broadcast
	dashboard  *dashboard
}

// New returns a server that answers from view, and further sources. It listens
// nowhere yet.
func New(view View, from Sources) *Server { return newServer(view, from, usualLimits()) }

func newServer(view View, from Sources, l limits) *Server {
	s := &Server{
		view: view, from: from, log: from.Log, started: time.Now(), limits: l,
		crowd: newCrowd(l.connections), done: make(chan struct{}),
		runtime: runtimeMetrics(), dashboard: newDashboard(from.Version),
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.overall.version, s.overall.render = view.Version, s.renderHealth
	s.scrapes.New = func() any { return new(scrape) }
	s.events = &broadcast{view: view, redact: s.redact, every: l.tick, limit: l.watchers}
	s.tcp, s.admin = s.listening(false), s.listening(true)
	s.tcp.RegisterOnShutdown(s.crowd.dismiss)
	return s
}

// listening makes one of the two entrances.
func (s *Server) listening(admin bool) *http.Server {
	return &http.Server{
		Handler:           s.crowd.mind(s.entrance(admin)),
		ConnContext:       remember,
		ReadHeaderTimeout: s.limits.header,
		ReadTimeout:       s.limits.read,
		WriteTimeout:      s.limits.write,
		IdleTimeout:       s.limits.idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// Serve answers requests that come to l, from [Listen] or a socket of systemd's,
// until l is closed or the server shuts down, and returns at once. To move to
// another address, serve the new listener, then close the old one: requests that
// came through it go on to their end. The server closes l when it shuts down.
func (s *Server) Serve(l net.Listener) { s.accept(s.tcp, s.crowd.listen(l)) }

// ServeAdmin is Serve for a listener of [ListenAdmin]. Whoever can connect to it
// may send commands.
func (s *Server) ServeAdmin(l net.Listener) { s.accept(s.admin, l) }

func (s *Server) accept(to *http.Server, l net.Listener) {
	s.serving.Go(func() {
		err := to.Serve(l)
		if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
			return
		}
		s.log.Error("no more requests are taken", "address", l.Addr().String(), "error", err)
	})
}

// Shutdown stops taking requests and waits for those under way until ctx ends;
// then it cuts them off. Event streams end at once, and so do connections over TCP
// on which nothing is asked.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() { close(s.done) })
	var adminErr error
	both := sync.WaitGroup{}
	both.Go(func() { adminErr = shut(ctx, s.admin) })
	err := shut(ctx, s.tcp)
	both.Wait()
	s.serving.Wait()
	return errors.Join(err, adminErr)
}

func shut(ctx context.Context, h *http.Server) error {
	err := h.Shutdown(ctx)
	if err != nil {
		_ = h.Close()
	}
	return err
}
