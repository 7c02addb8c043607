package cli

import (
	"context"
	"time"

	"polyhealth/engine"
	"polyhealth/engine/server"
)

// sources are what the server tells of besides the checks.
func (d *daemon) sources() server.Sources {
	return server.Sources{
		Version: Version(), Log: d.log,
		LastReload: func() server.ReloadState { return *d.last.Load() },
		Storage: func() server.StorageState {
			h := d.store.Load().Health()
			return server.StorageState{Trouble: d.redact(h.Trouble), Queued: h.Queued, Dropped: int(h.Dropped)}
		},
		Alerts:  d.notifications,
		History: d.history,
		AlertLog: func(ctx context.Context, check string, limit int) ([]engine.AlertRecord, error) {
			return d.store.Load().Alerts(ctx, check, limit)
		},
		Silences: d.alerts.Silences, Silence: d.alerts.Silence, Expire: d.alerts.Expire,
		Recovery: d.recoveries, Actions: d.actions, Recover: d.recover,
		Reload: func(ctx context.Context) (engine.Diff, error) { return d.reload(ctx, "asked for") },
	}
}

const (
	points      = 300     // about how many points a history is summed up to
	mostResults = 200_000 // that one answer reads
)

// history sums up a check's results from one time to another for a chart.
func (d *daemon) history(ctx context.Context, name string, from, to time.Time) ([]server.Point, error) {
	results, err := d.store.Load().History(ctx, name, from, to, mostResults)
	span := max(to.Sub(from)/points, time.Second)
	var all []server.Point
	for _, r := range results {
		at := r.At.Truncate(span)
		if len(all) == 0 || !all[len(all)-1].At.Equal(at) {
			all = append(all, server.Point{At: at, Span: span})
		}
		p := &all[len(all)-1]
		p.Count++
		p.Latency += (r.Latency - p.Latency) / time.Duration(p.Count)
		p.Worst, p.Max = max(p.Worst, r.Status), max(p.Max, r.Latency)
	}
	return all, err
}

// notifications are the counts of all routes' notifiers.
func (d *daemon) notifications() (all []server.AlertStat) {
	for _, s := range d.alerts.Stats() {
		route := s.Route + "/" + s.Notifier
		all = append(all,
			server.AlertStat{Route: route, Outcome: "sent", Count: s.Sent},
			server.AlertStat{Route: route, Outcome: "refused", Count: s.Failed},
			server.AlertStat{Route: route, Outcome: "given_up", Count: s.GaveUp})
	}
	return all
}
