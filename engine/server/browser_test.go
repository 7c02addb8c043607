package server

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"polyhealth/checktypes/checktest"
)

// tab is a page of a real browser.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	troubles []string // errors, exceptions and violations of the policy
}

// open opens url in a browser of the given size and scheme, light or dark, until
// the test ends.
func open(t testing.TB, url string, width, height int64, scheme string) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	path := checktest.Need(t, "chromium")
	profile, err := os.MkdirTemp("", "polyhealth-browser")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancelBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	p := &tab{t: t, ctx: ctx}
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancelTab()
		cancelBrowser()
		removed(t, profile)
	})
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
		if err == nil {
			_, err = cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		}
		return err
	}), chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	return p
}

// removed deletes a browser's profile, which its processes may write to for a
// moment after it has ended.
func removed(t testing.TB, dir string) {
	for deadline := time.Now().Add(10 * time.Second); os.RemoveAll(dir) != nil; {
		if time.Now().After(deadline) {
			t.Errorf("cannot remove %s", dir)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// hear notes what the browser complains of.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.troubles = append(p.troubles, "exception: "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		p.troubles = append(p.troubles, fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		p.troubles = append(p.troubles, fmt.Sprintf("%s: %s", e.Entry.Level, e.Entry.Text))
	}
}

// limited is the tab's context for one thing to do.
func (p *tab) limited() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, 30*time.Second)
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := p.limited()
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("in the browser: %v", err)
	}
}

// until waits for a JavaScript expression to be true.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := p.limited()
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(20*time.Second)))
	if err != nil {
		p.t.Fatalf("waiting for %s: %v; the page says %q, the browser %q",
			expression, err, p.text("document.body.innerText"), p.troubles)
	}
}

// text is the value of a JavaScript expression, as text.
func (p *tab) text(expression string) string {
	p.t.Helper()
	ctx, cancel := p.limited()
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.t.Fatalf("evaluating %s: %v", expression, err)
	}
	return s
}

// calm fails the test where the browser complained of anything.
func (p *tab) calm() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, trouble := range p.troubles {
		p.t.Errorf("the browser complains: %s", trouble)
	}
}
