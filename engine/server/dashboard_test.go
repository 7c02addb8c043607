package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"polyhealth/engine"
)

func TestAssets(t *testing.T) {
	s, url := serve(t, newFakeView(), Sources{Version: `<script>alert(1)</script>`}, usualLimits())
	page := get(t, url, "/")
	if page.code != 200 || page.header.Get("Content-Security-Policy") != policy || strings.Contains(page.body, "<script>alert") {
		t.Errorf("the page is %d: %s", page.code, page.body)
	}
	if strings.Contains(page.body, "style=") || strings.Contains(page.body, "<style") || strings.Contains(page.body, " on") && strings.Contains(page.body, "onclick") {
		t.Error("the page has something inline that its policy forbids")
	}
	for name, kind := range map[string]string{"main.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8", "favicon.svg": "image/svg+xml"} {
		path := "/assets/" + s.dashboard.hash + "/" + name
		if !strings.Contains(page.body, `"`+path+`"`) {
			t.Errorf("the page does not name %s", path)
		}
		r := get(t, url, path)
		if r.code != 200 || r.header.Get("Content-Type") != kind || !strings.Contains(r.header.Get("Cache-Control"), "immutable") || len(r.body) < 100 {
			t.Errorf("%s is %d %v", path, r.code, r.header)
		}
		if r := get(t, url, path, "If-None-Match: "+r.header.Get("ETag")); r.code != 304 || r.body != "" {
			t.Errorf("%s again is %d", path, r.code)
		}
	}
	for _, path := range []string{"/assets/0000000000000000/main.js", "/assets/" + s.dashboard.hash + "/index.html", "/assets/" + s.dashboard.hash + "/"} {
		if r := get(t, url, path); r.code != 404 {
			t.Errorf("%s is %d", path, r.code)
		}
	}
	if r := get(t, url, "/favicon.ico"); r.code != 200 || r.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the favicon is %d %v", r.code, r.header)
	}
}

// rowOf is the row of a check, in JavaScript.
func rowOf(name string) string {
	return fmt.Sprintf("[...document.querySelectorAll('.row')].find((r) => r.querySelector('.name').textContent === %q)", name)
}

const evil = `<img src=x onerror="window.hacked=1">`

func TestDashboardShowsAndFollows(t *testing.T) {
	down := component("order book", engine.Unhealthy)
	down.Message, down.Rule, down.Check.Tags = "connection refused", `unhealthy: error != ""`, []string{"api", evil}
	down.Check.Keys.Description, down.Metadata = evil, []byte(`{"key<b>":"<script>window.hacked=1</script>","list":[1,null]}`)
	hostile := component(evil, engine.Healthy)
	hostile.Message, hostile.Rule = evil+`"'><script>window.hacked=1</script>`, evil
	v := newFakeView(component("database", engine.Healthy), hostile, down)
	v.minutes["database"] = []engine.Minute{{Start: time.Now().Truncate(time.Minute), Latency: 30 * time.Millisecond, Worst: engine.Healthy, Count: 2}}
	_, url := serve(t, v, Sources{Version: "v1.2.3"}, quickLimits())
	p := open(t, url, 1280, 800, "light")

	p.until(`document.querySelectorAll('.row').length === 3`)
	if got := p.text("document.querySelector('.row .name').textContent"); got != "order book" {
		t.Errorf("the first row is %s; the unhealthy one should be", got)
	}
	if got := p.text("document.querySelectorAll('.row')[1].querySelector('.name').textContent"); got != "database" && got != evil {
		t.Errorf("the second row is %s", got)
	}
	for what, want := range map[string]string{
		"document.querySelector('#headline').textContent":                  "Unhealthy: 1 check of 3",
		rowOf("order book") + ".querySelector('.message').textContent":     "connection refused",
		rowOf("order book") + ".querySelector('.rule').textContent":        `unhealthy: error != ""`,
		rowOf("order book") + ".querySelector('.status-word').textContent": "Unhealthy",
		rowOf(evil) + ".querySelector('.message').textContent":             hostile.Message,
		"document.querySelector('#link-text').textContent":                 "live",
		"document.querySelector('.version').textContent":                   "v1.2.3",
		"document.querySelectorAll('img').length":                          "0",
		"document.title": "1 unhealthy – polyhealth",
	} {
		if got := p.text(what); got != want {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	p.until(rowOf("database") + `.querySelector('.spark path.healthy') !== null`)

	p.do(chromedp.Evaluate[chromedp.Void]("window.mark = 1"))
	v.change("order book", func(c *engine.Component) { c.Status, c.Message = engine.Healthy, "back again" })
	p.until(`document.querySelector('#headline').textContent === 'All 3 checks are healthy'`)
	p.until(rowOf("order book") + `.querySelector('.message').textContent === 'back again'`)
	p.until(`document.title === 'healthy – polyhealth'`)
	if p.text("window.mark") != "1" {
		t.Error("the page was loaded again")
	}
	v.set(component("database", engine.Degraded), component("new one", engine.Unknown))
	p.until(`document.querySelectorAll('.row').length === 2`)
	p.until(`document.querySelector('#headline').textContent === 'Degraded: 1 check of 2'`)

	v.set(down)
	p.until(`document.querySelectorAll('.row').length === 1`)
	p.do(chromedp.Click(chromedp.CSS(".row .name")))
	p.until(`document.querySelector('dialog').open`)
	p.until(`document.querySelector('dialog').innerText.includes('<script>window.hacked=1</script>')`)
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`!document.querySelector('dialog').open`)
	if p.text("window.hacked") != "undefined" {
		t.Error("text of a check was executed")
	}
	p.calm()
}

func TestDashboardFilters(t *testing.T) {
	tagged := component("alpha", engine.Healthy)
	tagged.Check.Tags = []string{"Storage"}
	v := newFakeView(tagged, component("beta", engine.Degraded), component("gamma", engine.Unhealthy))
	_, url := serve(t, v, Sources{}, quickLimits())
	p := open(t, url, 1000, 700, "dark")
	p.until(`document.querySelectorAll('.row').length === 3`)
	p.do(chromedp.KeyEvent("/"))
	p.until(`document.activeElement.id === 'search'`)
	// (Such a key is two events, of which the page takes one; a keyboard's is not.)
	p.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.value = ''`), chromedp.KeyEvent("storage"))
	p.until(`document.querySelectorAll('.row').length === 1`)
	if got := p.text("document.querySelector('.row .name').textContent"); got != "alpha" {
		t.Errorf("found is %s", got)
	}
	p.do(chromedp.KeyEvent("xyz"))
	p.until(`!document.querySelector('#nothing').hidden && document.querySelectorAll('.row').length === 0`)
	if got := p.text("document.querySelector('#nothing-text').textContent"); got != "No check fits the filter." {
		t.Errorf("it says %q", got)
	}
	p.do(chromedp.Click(chromedp.CSS("#all")))
	p.until(`document.querySelectorAll('.row').length === 3 && document.querySelector('#search').value === ''`)
	p.do(chromedp.Click(chromedp.CSS(".count[data-status=degraded]")))
	p.until(`document.querySelectorAll('.row').length === 1 && document.querySelector('.count[data-status=degraded]').getAttribute('aria-pressed') === 'true'`)
	p.do(chromedp.Click(chromedp.CSS(".count[data-status=unhealthy]")))
	p.until(`document.querySelectorAll('.row').length === 2`)
	p.calm()
}

// Where there is room, a check is open beside the list, and follows the arrows.
func TestDashboardBesideTheList(t *testing.T) {
	v := newFakeView(component("alpha", engine.Healthy), component("beta", engine.Healthy), component("gamma", engine.Healthy))
	_, url := serve(t, v, Sources{}, quickLimits())
	p := open(t, url, 1200, 700, "light")
	shows := func(name string) {
		t.Helper()
		p.until(fmt.Sprintf(`document.querySelector('dialog[open] h2')?.textContent === %q`, name))
		p.until(fmt.Sprintf(`[...document.querySelectorAll('[aria-expanded=true]')].map((e) => e.textContent).join() === %q`, name))
		p.until(`location.hash === '#` + name + `'`)
	}
	p.until(`document.querySelectorAll('.row').length === 3`)
	p.do(chromedp.Click(chromedp.CSS(".row .message")))
	shows("alpha")
	if got := p.text("document.querySelector('main').getBoundingClientRect().right <= document.querySelector('dialog').getBoundingClientRect().left"); got != "true" {
		t.Error("it covers the list")
	}
	p.do(chromedp.KeyEvent(kb.ArrowDown))
	shows("beta")
	p.do(chromedp.Evaluate[chromedp.Void](rowOf("gamma") + ".click()"))
	shows("gamma")
	v.change("gamma", func(c *engine.Component) { c.Status = engine.Unhealthy })
	p.until(`document.querySelector('dialog .state').textContent.startsWith('Unhealthy since ')`)
	p.until(`[...document.querySelectorAll('.row .name')].map((e) => e.textContent).join() === 'gamma,alpha,beta'`)
	if got := p.text("document.activeElement.textContent"); got != "gamma" {
		t.Errorf("the focus went to %s", got)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until(`!document.querySelector('dialog').open && location.hash === '' && !document.querySelector('[aria-expanded=true]')`)
	p.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp))
	if got := p.text("document.querySelector('dialog').open"); got != "false" {
		t.Error("the arrows open what was closed")
	}
	p.do(chromedp.Evaluate[chromedp.Void](rowOf("gamma") + ".click()"))
	shows("gamma")
	v.set(component("alpha", engine.Healthy))
	p.until(`!document.querySelector('dialog').open`) // what is gone is not shown
	p.calm()
}

// A file without checks is no error, and no empty table.
func TestDashboardOfNothing(t *testing.T) {
	v := newFakeView()
	_, url := serve(t, v, Sources{}, quickLimits())
	p := open(t, url, 1000, 700, "light")
	p.until(`document.querySelector('#headline').textContent === 'There are no checks'`)
	if got := p.text("document.querySelector('main').innerText"); got != "The file declares no checks yet. Once it does, they are here." {
		t.Errorf("it says %q", got)
	}
	if got := p.text("document.querySelector('#banner').dataset.status + ', ' + document.title"); got != "unknown, no checks – polyhealth" {
		t.Errorf("no checks are %s", got)
	}
	v.set(component("first", engine.Healthy))
	p.until(`document.querySelectorAll('.row').length === 1 && document.querySelector('#nothing').hidden`)
	p.calm()
}

// A lost connection is seen, and mended without anybody's help.
func TestDashboardReconnects(t *testing.T) {
	v := newFakeView(component("a", engine.Healthy))
	s, url := serve(t, v, Sources{}, quickLimits())
	p := open(t, url, 1000, 700, "light")
	p.until(`document.querySelector('#link-text').textContent === 'live'`)
	shutdown(t, s)
	p.until(`document.body.dataset.live === 'false' && document.querySelector('#link-text').textContent.startsWith('disconnected')`)
	p.until(`document.title === 'disconnected – polyhealth'`) // it knows nothing better
	v.change("a", func(c *engine.Component) { c.Message = "while you were away" })
	again := newServer(v, Sources{}, quickLimits())
	l, err := Listen(strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	again.Serve(l)
	defer shutdown(t, again)
	p.until(`document.querySelector('#link-text').textContent === 'live'`)
	p.until(rowOf("a") + `.querySelector('.message').textContent === 'while you were away'`)
	p.until(`document.title === 'healthy – polyhealth'`)
}

func TestDashboardOnAPhone(t *testing.T) {
	long := component(strings.Repeat("averylongnamewithoutanyspace", 3), engine.Degraded)
	long.Message, long.Rule = strings.Repeat("word ", 100), strings.Repeat("x", 300)
	long.Check.Tags = []string{strings.Repeat("tag", 40)}
	long.Metadata = []byte(`{"` + strings.Repeat("k", 100) + `":"` + strings.Repeat("v", 500) + `"}`)
	v := newFakeView(long, component("b", engine.Healthy))
	_, url := serve(t, v, Sources{Version: strings.Repeat("v1.2.3-", 20)}, quickLimits())
	p := open(t, url, 360, 740, "dark")
	p.until(`document.querySelectorAll('.row').length === 2`)
	narrow := func(when string) {
		t.Helper()
		if got := p.text("document.documentElement.scrollWidth"); got != "360" {
			t.Errorf("%s the page is %s pixels wide", when, got)
		}
	}
	narrow("in the list")
	p.do(chromedp.Click(chromedp.CSS(".row .name")))
	p.until(`document.querySelector('dialog').open`)
	narrow("in the dialog")
	if got := p.text("document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth"); got != "true" {
		t.Error("the dialog scrolls sideways")
	}
	p.calm()
}

// Ten thousand checks are there within seconds, and only those on the screen are
// elements of the page.
func TestDashboardOfTenThousand(t *testing.T) {
	v := newFakeView(many(10000)...)
	v.change("service-07777", func(c *engine.Component) { c.Status = engine.Unhealthy })
	_, url := serve(t, v, Sources{}, quickLimits())
	p := open(t, "about:blank", 1280, 800, "light")
	begun := time.Now()
	p.do(chromedp.Navigate(url))
	p.until(`document.querySelectorAll('.row').length > 5`)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Logf("ten thousand checks were there after %v", took.Round(time.Millisecond))
	}
	if got := p.text("document.querySelector('.row .name').textContent"); got != "service-07777" {
		t.Errorf("the first row is %s; the unhealthy one should be", got)
	}
	p.do(chromedp.Evaluate[chromedp.Void]("scrollTo(0, document.body.scrollHeight)"))
	p.until(rowOf("service-09998") + ` !== undefined`)
	p.until(rowOf("service-09998") + `.querySelector('.spark .base') !== null`)
	p.do(chromedp.Evaluate[chromedp.Void]("scrollTo(0, document.body.scrollHeight / 2)"))
	p.until(rowOf("service-09998") + ` === undefined`)
	p.until(`[...document.querySelectorAll('.row')].some((r) => { const y = r.getBoundingClientRect().top; return y > 300 && y < 500; })`)
	p.do(chromedp.Evaluate[chromedp.Void]("scrollTo(0, 0)"))
	p.until(rowOf("service-07777") + ` !== undefined`)
	p.do(chromedp.Focus(chromedp.CSS(".row .name")))
	for range 40 {
		p.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	p.until(`document.activeElement.textContent === 'service-03999'`) // one unhealthy, then each hundredth
	p.do(chromedp.KeyEvent(kb.End))
	p.until(`document.activeElement.textContent === 'service-09998'`)
	var n int
	fmt.Sscan(p.text("document.querySelectorAll('*').length"), &n)
	if n > 1500 {
		t.Errorf("the page has %d elements", n)
	}
	p.calm()
}
