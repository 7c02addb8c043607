package alertmanager

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
	"polyhealth/engine"
	"polyhealth/engine/alert"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func message(ev alert.Event, s engine.Status) alert.Message {
	now := time.Now()
	return alert.Message{ID: "x", Event: ev, Check: "db", Status: s, Message: "refused", Failures: 3, Since: now.Add(-time.Minute), Time: now}
}

func open(t *testing.T, url string) alert.Notifier {
	t.Helper()
	n, err := Kind.Open(&Config{URL: url}, alert.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRequest(t *testing.T) {
	var got []entry
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/am/api/v2/alerts" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		got = nil
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	n := open(t, s.URL+"/am/")
	for _, c := range []struct {
		m      alert.Message
		active string // the status of the alert that has not ended
	}{
		{message(alert.Firing, engine.Unhealthy), "unhealthy"},
		{message(alert.Reminder, engine.Degraded), "degraded"},
		{message(alert.Resolved, engine.Healthy), ""},
		{alert.Message{Event: alert.Resolved, Check: "db", Time: time.Now(), Gone: "is no longer watched"}, ""},
	} {
		if out := n.Send(t.Context(), c.m); out != alert.Sent() {
			t.Fatal(out)
		}
		if len(got) != 3 {
			t.Fatalf("%d alerts, want one a status", len(got))
		}
		for _, e := range got {
			active := e.EndsAt.After(time.Now().Add(time.Hour))
			if active != (e.Labels["status"] == c.active) || e.StartsAt.IsZero() || e.EndsAt.Before(e.StartsAt) {
				t.Errorf("%s %s: %+v", c.m.Event, c.m.Status, e)
			}
			if e.Labels["alertname"] == "" || e.Labels["check"] != "db" || (e.Labels["severity"] == "critical") != (e.Labels["status"] == "unhealthy") {
				t.Errorf("labels are %v", e.Labels)
			}
			if e.Annotations["summary"] != c.m.Title() {
				t.Errorf("annotations are %v", e.Annotations)
			}
		}
	}
}

// The real Alertmanager knows an alert from its firing to its resolved.
func TestRealAlertmanager(t *testing.T) {
	program := checktest.Need(t, "prometheus-alertmanager")
	dir := t.TempDir()
	config := filepath.Join(dir, "am.yml")
	if err := os.WriteFile(config, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(program, "--config.file="+config, "--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	active := func() (all []string) {
		resp, err := http.Get("http://" + address + "/api/v2/alerts")
		if err != nil {
			return []string{err.Error()}
		}
		defer resp.Body.Close()
		var alerts []struct{ Labels map[string]string }
		b, _ := io.ReadAll(resp.Body)
		_ = json.Unmarshal(b, &alerts)
		for _, a := range alerts {
			all = append(all, a.Labels["check"]+" "+a.Labels["status"])
		}
		return all
	}
	eventually(t, func() bool { return len(active()) == 0 }, active)
	n := open(t, "http://"+address)
	for _, c := range []struct {
		m    alert.Message
		want string
	}{
		{message(alert.Firing, engine.Degraded), "[db degraded]"},
		{message(alert.Firing, engine.Unhealthy), "[db unhealthy]"},
		{message(alert.Resolved, engine.Healthy), "[]"},
	} {
		if out := n.Send(t.Context(), c.m); out != alert.Sent() {
			t.Fatal(out)
		}
		eventually(t, func() bool { return fmt.Sprint(active()) == c.want }, active)
	}
	http.DefaultClient.CloseIdleConnections()
}

func eventually(t *testing.T, is func() bool, now func() []string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never was so; there are %s", strings.Join(now(), ", "))
		}
	}
}
