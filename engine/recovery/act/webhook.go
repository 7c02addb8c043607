package act

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"polyhealth/engine"
	"polyhealth/engine/recovery"
)

// client is one for all calls. It keeps nothing open and follows no redirect.
func client() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true // repairs are rare, and connections grow stale
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// An order is what is sent to a URL.
type order struct {
	Event    string          `json:"event"`
	ID       string          `json:"id"`
	Check    string          `json:"check"`
	Status   string          `json:"status"`
	Message  string          `json:"message"`
	Failures int             `json:"consecutive_failures"`
	Since    string          `json:"since"`
	Tags     []string        `json:"tags"`
	Metadata json.RawMessage `json:"metadata"`
	Step     int             `json:"step"`
	Attempt  int             `json:"attempt"`
	ByHand   bool            `json:"by_hand"`
}

// call sends the component to a URL. The error never holds the URL, which may be a
// secret.
func (d *Doer) call(ctx context.Context, s engine.RecoveryStep, of recovery.Occasion) (engine.RecoveryResult, string) {
	c, x := of.Component, of.Action
	o := order{"recovery", strconv.FormatInt(x.ID, 10), c.Check.Name, c.Status.String(), c.Message, c.Failures, stamp(c.Since),
		append([]string{}, of.Tags...), c.Metadata, x.Step, x.Attempt, x.ByHand}
	if len(o.Metadata) == 0 {
		o.Metadata = json.RawMessage("{}")
	}
	body, err := json.Marshal(o)
	if err != nil {
		return engine.RecoveryFailed, err.Error()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return engine.RecoveryFailed, plain(err).Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "polyhealth/1")
	req.Header.Set("Idempotency-Key", o.ID)
	for name, value := range s.Headers {
		if strings.EqualFold(name, "Host") {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return failure(ctx, s, plain(err))
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	said := join(fmt.Sprintf("it answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)),
		tail(strings.TrimSpace(strings.ToValidUTF8(string(answer), "\uFFFD"))))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return engine.RecoveryFailed, said
	}
	return engine.RecoveryDone, said
}

// plain takes the method and the URL out of an error of net/http.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
