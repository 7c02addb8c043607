package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"polyhealth/engine"
)

// newLog is the daemon's log: text or JSON lines on w, without a time where the
// journal adds its own.
func newLog(w io.Writer, format string, level slog.Level, journal bool) slog.Handler {
	opts := &slog.HandlerOptions{Level: level}
	if journal {
		opts.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		}
	}
	if format == "json" {
		return slog.NewJSONHandler(w, opts)
	}
	return slog.NewTextHandler(w, opts)
}

// redacting wraps a handler so that no secret passes in a message or a value.
func redacting(next slog.Handler, redact func(string) string) slog.Handler {
	return &redactor{next, redact}
}

type redactor struct {
	next   slog.Handler
	redact func(string) string
}

func (h *redactor) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *redactor) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, h.redact(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.attr(a)
	}
	return &redactor{h.next.WithAttrs(clean), h.redact}
}

func (h *redactor) WithGroup(name string) slog.Handler {
	return &redactor{h.next.WithGroup(name), h.redact}
}

func (h *redactor) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, h.redact(v.String()))
	case slog.KindAny:
		return slog.String(a.Key, h.redact(fmt.Sprint(v.Any())))
	case slog.KindGroup:
		group := v.Group()
		clean := make([]any, len(group))
		for i := range group {
			clean[i] = h.attr(group[i])
		}
		return slog.Group(a.Key, clean...)
	}
	return a
}

// transitions logs what changes, and is silent while nothing does.
type transitions struct{ log *slog.Logger }

// Observe logs a transition: at warn when a component gets worse, at info when it
// gets better, and at debug when it is healthy at the first look.
func (t transitions) Observe(ev engine.Event) {
	tr := ev.Transition
	if tr == nil {
		return
	}
	level := slog.LevelInfo
	switch {
	case tr.To == engine.Healthy && tr.From == engine.Unknown:
		level = slog.LevelDebug
	case tr.To != engine.Healthy:
		level = slog.LevelWarn
	}
	t.log.Log(context.Background(), level, fmt.Sprintf("%s is %s", ev.Check.Name, tr.To),
		"check", ev.Check.Name, "was", tr.From.String(), "message", ev.Component.Message,
		"rule", ev.Component.Why(), "failures", ev.State.Failures)
}
