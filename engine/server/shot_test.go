package server

import (
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestShots(t *testing.T) {
	url := os.Getenv("SHOTS")
	if url == "" {
		t.Skip()
	}
	for _, c := range []struct {
		name   string
		w, h   int64
		scheme string
		detail bool
	}{
		{"desk-light", 1280, 800, "light", false}, {"desk-dark", 1280, 800, "dark", false},
		{"phone-light", 360, 740, "light", false}, {"phone-dark", 360, 740, "dark", false},
		{"detail-light", 1280, 800, "light", true}, {"detail-phone", 360, 740, "dark", true},
	} {
		p := open(t, url, c.w, c.h, c.scheme)
		p.until(`document.querySelectorAll('.row').length > 0`)
		if c.detail {
			p.do(chromedp.Click(chromedp.CSS(".row .name")))
			p.until(`document.querySelector('dialog').open`)
		}
		time.Sleep(1500 * time.Millisecond)
		png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile("/tmp/work/shot-"+os.Getenv("SHOTNAME")+c.name+".png", png, 0o644)
		p.calm()
		t.Log(c.name, p.text("document.documentElement.scrollWidth"), p.text("document.querySelectorAll('*').length"))
	}
}
