package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"polyhealth/engine"
)

// A client talks to the daemon of a plan over its admin socket, or, where the
// caller may not open that, over its HTTP address, which only answers questions.
type client struct {
	http *http.Client
	base string
	lost error // why there is nobody to ask, or nil
}

// unread stands for the address that a file which cannot be read may name.
const unread = "?"

// errNoDaemon says that nothing answers.
var errNoDaemon = errors.New("no polyhealth answers")

// adminSockets are where a daemon of the plan may listen for commands, likeliest
// first. The daemon itself takes the first.
func adminSockets(p *engine.Plan) []string {
	if p.Server.AdminSocket != "" {
		return []string{p.Path(p.Server.AdminSocket)}
	}
	var paths []string
	if dir := os.Getenv("RUNTIME_DIRECTORY"); dir != "" {
		paths = append(paths, filepath.Join(dir, "admin.sock"))
	}
	beside := filepath.Join(filepath.Dir(databasePath(p)), "admin.sock")
	// All but the first are for a caller who does not live as the daemon does, or whose
	// file names another database by now than the one that runs.
	paths = append(paths, beside, "admin.sock", filepath.Join(p.Dir, "admin.sock"), "/run/polyhealth/admin.sock")
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		paths = append(paths, filepath.Join(dir, "polyhealth", "admin.sock"))
	}
	return paths
}

// socketClient is a client of the first admin socket that answers. What kept it
// from each of the others is in the error.
func socketClient(p *engine.Plan) (*client, error) {
	var errs []error
	for _, path := range adminSockets(p) {
		c, err := net.DialTimeout("unix", path, time.Second)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", path, dialCause(err)))
			continue
		}
		c.Close()
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
		found := &client{http: &http.Client{Transport: &http.Transport{DialContext: dial}}, base: "http://admin"}
		if p.Server.Listen == unread && !found.runs(p.File) {
			errs = append(errs, fmt.Errorf("%s: this daemon runs another file", path))
			continue
		}
		return found, nil
	}
	return nil, fmt.Errorf("%w on its admin socket: %w", errNoDaemon, errors.Join(errs...))
}

func dialCause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		var sys *os.SyscallError
		if errors.As(op.Err, &sys) {
			return sys.Err
		}
		return op.Err
	}
	return err
}

// anyClient is socketClient, else a client of the HTTP address. Where the file does not
// tell that, whoever listens at the usual one may be another's daemon.
func anyClient(p *engine.Plan) *client {
	c, err := socketClient(p)
	switch {
	case err == nil:
		return c
	case p.Server.Listen == unread:
		return &client{lost: fmt.Errorf("%s cannot be read, so that it is not known where its daemon listens: %w", p.File, err)}
	}
	return &client{http: &http.Client{}, base: "http://" + reachable(p.Server.Listen)}
}

// runs reports whether the daemon runs a file of that name.
func (c *client) runs(file string) bool {
	var status struct {
		File string `json:"file"`
	}
	return c.get("/api/v1/status", &status) == nil && filepath.Base(status.File) == filepath.Base(file)
}

// reachable is an address to reach a listener at: this machine's where it
// listens on all.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// do sends a request and returns the answer's code and body.
func (c *client) do(method, path, accept string) (int, []byte, error) {
	return c.send(method, path, accept, nil)
}

func (c *client) send(method, path, accept string, body io.Reader) (int, []byte, error) {
	if c.lost != nil {
		return 0, nil, c.lost
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", accept)
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%w at %s: %w", errNoDaemon, c.base, dialCause(err))
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}

// get asks for JSON.
func (c *client) get(path string, into any) error {
	code, body, err := c.do(http.MethodGet, path, "application/json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s answered %d, and not as polyhealth does", c.base, code)
	}
	return nil
}
