package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
)

// statuses imports a Gatus configuration and probes each check of the result once.
func statuses(t *testing.T, config string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "config.yaml", config)
	out, errs, code := importOf(t, "gatus", filepath.Join(dir, "config.yaml"))
	if code != 0 || strings.Contains(out, "# not imported: ") {
		t.Fatalf("exit %d: %s\n%s", code, errs, out)
	}
	write(t, dir, "checks.yaml", out)
	var stdout, stderr bytes.Buffer
	Main([]string{"check", "--config", filepath.Join(dir, "checks.yaml"), "--format", "json"}, nil, &stdout, &stderr)
	var all report
	if err := json.Unmarshal(stdout.Bytes(), &all); err != nil {
		t.Fatal(err, stdout.String(), stderr.String())
	}
	found := map[string]string{}
	for _, r := range all.Components {
		found[r.Name] = r.Status.String()
	}
	return found
}

// What the rules of an import say of real answers. Where Gatus takes a missing field
// for something, the result is unknown.
func TestImportedRules(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/json":
			_, _ = w.Write([]byte(`{"state": "UP", "n": 5, "half": 0.5, "ok": true, "none": null, "items": [{"id": 1}, {"id": 2}], "deep": {"a-b": "x"}}`))
		case "/list":
			_, _ = w.Write([]byte(" [1, 2, 3]\n"))
		case "/text":
			_, _ = w.Write([]byte("pong\n"))
		case "/redirect":
			http.Redirect(w, r, "/text", http.StatusFound)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	cases := []struct{ path, condition, want string }{
		{"/text", "[STATUS] == 200", "healthy"},
		{"/text", "[STATUS] == any(200, 204)", "healthy"},
		{"/text", "[STATUS] != any(200, 204)", "unhealthy"},
		{"/text", "[STATUS] == pat(2*)", "healthy"},
		{"/down", "[STATUS] == 200", "unhealthy"},
		{"/down", "[STATUS] == 503", "healthy"},
		{"/down", "[CONNECTED] == true", "healthy"},
		{"/down", "[CONNECTED] == false", "unhealthy"},
		{"/redirect", "[STATUS] == 200", "healthy"},
		{"/text", "[RESPONSE_TIME] < 60000", "healthy"},
		{"/text", "[RESPONSE_TIME] > 1m", "unhealthy"},
		{"/text", "[BODY] == pong", "healthy"},
		{"/text", "[BODY] == pat(p*g)", "healthy"},
		{"/text", "[BODY] == pat(p?ng)", "healthy"},
		{"/text", "[BODY] == pat(x*)", "unhealthy"},
		{"/text", "[BODY] != pat(*error*)", "healthy"},
		{"/text", "len([BODY]) == 4", "healthy"},
		{"/text", "has([BODY]) == true", "healthy"},
		{"/text", "[BODY].state == UP", "unhealthy"}, // no JSON
		{"/list", "len([BODY]) == 3", "healthy"},
		{"/list", "[BODY][2] == 3", "healthy"},
		{"/list", "[BODY][3] == 3", "unknown"},
		{"/json", "[BODY].state == UP", "healthy"},
		{"/json", "[BODY].state == any(UP, DEGRADED)", "healthy"},
		{"/json", "[BODY].state != UP", "unhealthy"},
		{"/json", "[BODY].n == 5", "healthy"},
		{"/json", "[BODY].n == any(4, 5)", "healthy"},
		{"/json", "[BODY].n >= 6", "unhealthy"},
		{"/json", "[BODY].half < 1", "healthy"},
		{"/json", "[BODY].ok == true", "healthy"},
		{"/json", "[BODY].items[1].id == 2", "healthy"},
		{"/json", "len([BODY].items) == 2", "healthy"},
		{"/json", "[BODY].deep.a-b == x", "healthy"},
		{"/json", "has([BODY].items) == true", "healthy"},
		{"/json", "has([BODY].deep.missing) == true", "unhealthy"},
		{"/json", "has([BODY].gone.missing) == false", "healthy"},
		{"/json", "has([BODY].state.missing) == false", "unknown"}, // a text has no fields
		{"/json", "has([BODY].none) == false", "healthy"},
		{"/json", "[BODY].missing < 5", "unknown"}, // Gatus: 0 < 5
		{"/json", "[BODY].missing != down", "unknown"},
		{"/json", "[BODY].none != down", "unknown"},
		{"/json", "[BODY].state > 5", "unknown"},
	}
	config := "endpoints:\n"
	for i, c := range cases {
		config += fmt.Sprintf("- {name: %q, url: %q, conditions: [%q]}\n", fmt.Sprint(i), s.URL+c.path, c.condition)
	}
	found := statuses(t, config)
	for i, c := range cases {
		if got := found[fmt.Sprint(i)]; got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.condition, c.path, got, c.want)
		}
	}
}

// The programs that ask what our types do not speak, on real servers.
func TestImportedPrograms(t *testing.T) {
	checktest.Need(t, "bash")
	checktest.Need(t, "openssl")
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of who does not trust it
	secure.StartTLS()
	defer secure.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	days := time.Until(secure.Certificate().NotAfter) / (24 * time.Hour)
	config := fmt.Sprintf(`endpoints:
- {name: open, url: "tcp://%s", conditions: ["[CONNECTED] == true"]}
- {name: shut, url: "tcp://%s", conditions: ["[CONNECTED] == true"]}
- {name: shut in time, url: "tcp://%[2]s", conditions: ["[RESPONSE_TIME] < 60000"]}
- {name: meant to be shut, url: "tcp://%[2]s", conditions: ["[CONNECTED] == false"]}
- {name: not trusted, url: "tls://%[3]s", conditions: ["[CONNECTED] == true"]}
- {name: any certificate, url: "tls://%[3]s", client: {insecure: true}, conditions: ["[CONNECTED] == true"]}
- {name: lasts, url: "tls://%[3]s", client: {insecure: true}, conditions: ["[CERTIFICATE_EXPIRATION] > %[4]dh"]}
- {name: too short, url: "tls://%[3]s", client: {insecure: true}, conditions: ["[CERTIFICATE_EXPIRATION] > %[5]dh"]}
- {name: no encryption, url: "tls://%[1]s", client: {timeout: 2s}, conditions: ["[CERTIFICATE_EXPIRATION] > 1h"]}
`, l.Addr(), closed.Addr(), secure.Listener.Addr(), int(days)*24, (int(days)+2)*24)
	want := map[string]string{
		"open": "healthy", "shut": "unhealthy", "shut in time": "unhealthy", "meant to be shut": "healthy",
		"not trusted": "unhealthy", "any certificate": "healthy", "lasts": "healthy", "too short": "unhealthy",
		"no encryption": "unhealthy",
	}
	if _, err := exec.LookPath("ping"); err == nil {
		config += "- {name: ping, url: \"icmp://127.0.0.1\", conditions: [\"[CONNECTED] == true\"]}\n"
		want["ping"] = "healthy"
	}
	for name, got := range statuses(t, config) {
		if got != want[name] {
			t.Errorf("%s is %s, want %s", name, got, want[name])
		}
	}
}
