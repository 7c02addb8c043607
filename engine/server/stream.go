package server

import (
	"net/http"
	"time"
)

// stream answers GET /api/v1/events with server-sent events until the client, or
// the server, goes away:
//
//   - `hello` first: what was read before may be out of date, read it (again) now;
//   - `changes` with the components that changed, at most once a second;
//   - `reset` when checks came or went: read the list again;
//   - `beat` every ten seconds, so that silence means a lost connection.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, _ string) {
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return
	}
	events := s.events.join()
	if events == nil {
		w.Header().Set("Retry-After", "5")
		writeError(w, http.StatusServiceUnavailable, "too many clients watch the events already")
		return
	}
	defer s.events.leave(events)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	out := http.NewResponseController(w)
	send := func(event []byte) bool {
		return out.SetWriteDeadline(time.Now().Add(s.limits.watcher)) == nil &&
			write(w, event) && out.Flush() == nil
	}
	if !send([]byte("retry: 2000\nevent: hello\ndata: {}\n\n")) {
		return
	}
	beat := time.NewTicker(s.limits.beat)
	defer beat.Stop()
	for {
		var event []byte
		select {
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		case <-beat.C:
			event = append(appendTime([]byte(`event: beat`+"\n"+`data: {"timestamp":`), time.Now()), "}\n\n"...)
		case event = <-events:
		}
		if event == nil || !send(event) {
			return
		}
	}
}

func write(w http.ResponseWriter, b []byte) bool {
	_, err := w.Write(b)
	return err == nil
}
