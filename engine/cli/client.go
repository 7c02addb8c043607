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
}

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
		return &client{&http.Client{Transport: &http.Transport{DialContext: dial}}, "http://admin"}, nil
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

// anyClient is socketClient, else a client of the HTTP address.
func anyClient(p *engine.Plan) *client {
	if c, err := socketClient(p); err == nil {
		return c
	}
	return &client{&http.Client{}, "http://" + reachable(p.Server.Listen)}
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
