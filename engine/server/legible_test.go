package server

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// faint lists what is written on the page, and drawn in its charts, with less
// contrast than WCAG's level AA demands: 4.5 for text, 3 for what is drawn. Each
// colour is painted on what lies below it, as the browser does.
const faint = `(() => {
  const paint = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const over = (colors) => {
    paint.clearRect(0, 0, 1, 1);
    for (const c of colors) { paint.fillStyle = c; paint.fillRect(0, 0, 1, 1); }
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const ground = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) layers.unshift(getComputedStyle(e).backgroundColor);
    return ['white', ...layers];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const found = [], seen = { text: 0, drawn: 0 };
  const judge = (kind, e, color, least) => {
    if (!e.checkVisibility()) return;
    seen[kind]++;
    const ratio = contrast(over([...ground(e), color]), over(ground(e)));
    if (ratio < least) found.push(kind + ' ' + (e.textContent || e.getAttribute('class') || e.id).slice(0, 40) + ' ' + ratio.toFixed(2));
  };
  for (const e of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(e);
    if (e.closest('symbol, script, noscript')) continue;
    if ([...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) judge('text', e, style.color, 4.5);
    if (e.matches('svg.icon, path.healthy, path.degraded, path.unhealthy, path.unknown')) judge('drawn', e, style.fill, 3);
    if (e.matches('#search')) judge('text', e, getComputedStyle(e, '::placeholder').color, 4.5);
  }
  return JSON.stringify({ found, seen });
})()`

// cut lists the names and the messages that are not to be seen whole.
const cut = `[...document.querySelectorAll('.row .name, .row .message')]
  .filter((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight).map((e) => e.textContent).join(', ')`

func TestDashboardIsLegible(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		p := look(t, 1200, 1000, scheme)
		for _, width := range []int64{390, 800, 1200, 1700} {
			p.do(chromedp.EmulateViewport(width, 1000), chromedp.Reload())
			p.until(rowOf(checkout) + `?.querySelector('.spark path.unhealthy')`)
			p.legible("the list", scheme, width)
			if got := p.text(cut); got != "" && width > 390 {
				t.Errorf("at %d pixels these are cut: %s", width, got)
			}
			p.openCheckout()
			p.legible("a check", scheme, width)
			if got := p.text("document.documentElement.scrollWidth"); got != strconv.FormatInt(width, 10) {
				t.Errorf("at %d pixels the page is %s wide", width, got)
			}
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('dialog').close(); document.querySelector('.count').click()`))
			p.until(`document.querySelectorAll('.row').length === 1`)
			p.legible("the filtered list", scheme, width)
		}
		p.calm()
	}
}

// legible fails the test where something has too little contrast.
func (p *tab) legible(what, scheme string, width int64) {
	p.t.Helper()
	p.until(`document.getAnimations().length === 0`)
	var said struct {
		Found []string
		Seen  struct{ Text, Drawn int }
	}
	if err := json.Unmarshal([]byte(p.text(faint)), &said); err != nil || said.Seen.Text < 15 || said.Seen.Drawn < 5 {
		p.t.Errorf("only %+v was looked at (%v)", said.Seen, err)
	}
	for _, f := range said.Found {
		p.t.Errorf("%s, %s, %d pixels: %s", what, scheme, width, f)
	}
}
