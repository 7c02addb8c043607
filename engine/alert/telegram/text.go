package telegram

import (
	"html"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"polyhealth/engine/alert"
)

// maxText is the most that Telegram takes, in UTF-16 units. It counts after it
// has read the HTML; counting before is on the safe side.
const maxText = 4096

// htmlText is the message as HTML. The value that is too long is cut, the others
// stay: a tag or an entity is never cut in two.
func htmlText(m alert.Message) string {
	title := "<b>" + html.EscapeString(m.Title()) + "</b>"
	lines := m.Lines()
	room := maxText - units(title)
	for _, l := range lines {
		if l.Name != "Message" {
			room -= units("\n" + l.Name + ": " + html.EscapeString(l.Value))
		}
	}
	var b strings.Builder
	b.WriteString(title)
	for _, l := range lines {
		start := "\n" + l.Name + ": "
		if l.Name == "Message" {
			l.Value = cut(l.Value, room-units(start), html.EscapeString)
		} else {
			l.Value = html.EscapeString(l.Value)
		}
		b.WriteString(start + l.Value)
	}
	return b.String()
}

// plainText is the message as it is, cut at the end.
func plainText(m alert.Message) string {
	return cut(m.Text(), maxText, func(s string) string { return s })
}

// cut is the text by write, as much of it as has room, with an ellipsis where it
// is not all.
func cut(text string, room int, write func(string) string) string {
	if whole := write(text); units(whole) <= room {
		return whole
	}
	var b strings.Builder
	room-- // the ellipsis
	for _, c := range text {
		piece := write(string(c))
		if room -= units(piece); room < 0 {
			break
		}
		b.WriteString(piece)
	}
	return strings.TrimRight(b.String(), "\u200d\ufe0f") + "…"
}

// units is the length of a text in UTF-16 units.
func units(text string) (n int) {
	for _, c := range text {
		n += max(utf16.RuneLen(c), utf16.RuneLen(utf8.RuneError))
	}
	return n
}
