package schema

import "unicode/utf8"

// redact takes the secrets out of a diagnostic. The caret stays below what it
// points at.
func (r *Reader) redact(d *Diagnostic) {
	d.Message, d.Hint, d.Path = r.Secrets.Redact(d.Message), r.Secrets.Redact(d.Hint), r.Secrets.Redact(d.Path)
	hidden := r.Secrets.find(d.Source)
	if hidden == nil {
		return
	}
	from := moved(d.Source, hidden, byteOf(d.Source, d.caret-1), false)
	to := moved(d.Source, hidden, byteOf(d.Source, d.caret-1+d.Width), true)
	d.Source, d.caret, d.Width = r.Secrets.Redact(d.Source), from+1, max(to-from, 1)
}

// moved is how many characters stand before the byte at of a text once its hidden
// parts are redacted; within such a part, those before it or, for an end, up to
// its end.
func moved(text string, hidden []span, at int, end bool) (n int) {
	done := 0
	for _, h := range hidden {
		if h.from >= at {
			break
		}
		n += utf8.RuneCountInString(text[done:h.from])
		if at < h.to && !end {
			return n
		}
		n += len(Redacted)
		done = h.to
	}
	return n + utf8.RuneCountInString(text[min(done, at):at])
}

// byteOf is where the character with an index begins, or the text's end.
func byteOf(text string, character int) int {
	for i := range text {
		if character == 0 {
			return i
		}
		character--
	}
	return len(text)
}
