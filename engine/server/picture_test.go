package server

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var pictures = flag.Bool("picture", false, "make the README's picture of the dashboard anew")

// readmePicture is the dashboard as the README shows it.
const readmePicture = "testdata/dashboard.png"

// TestDashboardPicture keeps the README's picture, and makes it anew by
//
//	go test ./engine/server -run TestDashboardPicture -picture
func TestDashboardPicture(t *testing.T) {
	if *pictures {
		p := look(t, 1200, 750, "light")
		p.openCheckout()
		if err := os.WriteFile(readmePicture, p.picture(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	size, err := os.Stat(readmePicture)
	if err != nil || size.Size() > 150<<10 {
		t.Fatalf("the picture: %v, %v", size, err)
	}
	f, err := os.Open(readmePicture)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if c, err := png.DecodeConfig(f); err != nil || c.Width != 1200 || c.Height != 750 {
		t.Errorf("the picture is %d×%d (%v)", c.Width, c.Height, err)
	}
	readme, err := os.ReadFile("../../README.md")
	if path := "(" + filepath.Join("engine/server", readmePicture) + ")"; err != nil || !strings.Contains(string(readme), path) {
		t.Errorf("the README does not show %s (%v)", path, err)
	}
}

// look opens the scene in a browser.
func look(t *testing.T, width, height int64, scheme string) *tab {
	t.Helper()
	view, from := scene(time.Now())
	_, url := serve(t, view, from, usualLimits())
	p := open(t, url, width, height, scheme)
	p.until(`document.querySelector('#link-text').textContent === 'live' && document.querySelectorAll('.row').length > 8`)
	p.until(rowOf(checkout) + `.querySelector('.spark path.unhealthy') !== null`)
	return p
}

// openCheckout opens the check that is looked at.
func (p *tab) openCheckout() {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void](rowOf(checkout) + `.click()`))
	p.until(`document.querySelector('dialog').open && document.querySelectorAll('.bars path.degraded').length === 2`)
}

// picture is what is on the screen, as a small PNG: text on plain ground needs no
// more than the 256 colours that are most frequent.
func (p *tab) picture() []byte {
	p.t.Helper()
	p.until(`document.getAnimations().length === 0`)
	ctx, cancel := p.limited()
	defer cancel()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		p.t.Fatal(err)
	}
	p.calm()
	few := image.NewPaletted(full.Bounds(), frequent(full, 256))
	draw.Draw(few, few.Bounds(), full, image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		p.t.Fatal(err)
	}
	return out.Bytes()
}

// frequent are up to n of a picture's most frequent colours, none of them nearly
// another.
func frequent(of image.Image, n int) (chosen color.Palette) {
	counts := map[color.RGBA]int{}
	for y := range of.Bounds().Dy() {
		for x := range of.Bounds().Dx() {
			counts[color.RGBAModel.Convert(of.At(x, y)).(color.RGBA)]++
		}
	}
	all := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return cmp.Compare(counts[b], counts[a]) })
	for _, c := range all {
		if len(chosen) < n && !slices.ContainsFunc(chosen, func(d color.Color) bool { return near(c, d.(color.RGBA)) }) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

func near(a, b color.RGBA) bool {
	off := func(x, y uint8) int { return max(int(x)-int(y), int(y)-int(x)) }
	return off(a.R, b.R)+off(a.G, b.G)+off(a.B, b.B) < 6
}
