package schema

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Redacted stands where a secret stood.
const Redacted = "[redacted]"

// shortest is the least length of a secret, in bytes. Shorter values are left
// alone: they hide nothing, and to take every "1" or "on" out of every text would
// make all of it unreadable.
const shortest = 4

// shortestLine is the least length of a line of a secret of several lines, in
// bytes, that is a secret by itself.
const shortestLine = 8

// Secrets are texts that must not be shown. It is safe for concurrent use.
type Secrets struct {
	mu    sync.RWMutex
	texts map[string]struct{}
	// lengths are those of the secrets that begin with four bytes, the longest
	// first; pairs has a bit for the first two. Most texts hold no secret, and
	// most of their bytes are told to begin none by that bit.
	lengths map[[shortest]byte][]int
	pairs   [1 << 16 / 64]uint64
}

// add makes a secret of a value, and of the forms it takes in URLs, in JSON, in
// HTML, in quotes and in base64.
func (s *Secrets) add(value string) {
	if len(value) < shortest {
		return
	}
	forms := formsOf(value)
	for line := range strings.Lines(value) { // a text is often shown by line
		if line = strings.TrimSpace(line); len(line) >= shortestLine && len(line) < len(value) {
			forms = append(forms, formsOf(line)...)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, form := range forms {
		s.insert(form)
	}
}

func formsOf(value string) []string {
	quoted := strconv.Quote(value)
	forms := []string{
		value, strings.TrimSpace(value), url.QueryEscape(value), url.PathEscape(value), quoted[1 : len(quoted)-1],
		html.EscapeString(value), strings.ReplaceAll(html.EscapeString(value), "+", "&#43;"),
	}
	if unescaped, err := url.PathUnescape(value); err == nil {
		forms = append(forms, unescaped)
	}
	spaced := strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	forms = append(forms, spaced, inASCII(value))
	for _, escaped := range []string{url.QueryEscape(value), url.PathEscape(value), spaced} {
		forms = append(forms, lowerEscapes(escaped), strings.ReplaceAll(escaped, "%2F", "/"))
	}
	named := strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(html.EscapeString(value))
	forms = append(forms, named, strings.ReplaceAll(named, "&#x27;", "&apos;"), strings.ReplaceAll(named, "&#x27;", "'"))
	if len(value) >= shortestLine {
		forms = append(forms, hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))))
	}
	for _, forHTML := range []bool{true, false} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(forHTML)
		if e.Encode(value) == nil {
			text := strings.TrimSuffix(b.String(), "\n")
			forms = append(forms, text[1:len(text)-1])
			if again := strconv.Quote(text[1 : len(text)-1]); strings.Contains(text, `\`) { // a text of JSON within one
				forms = append(forms, again[1:len(again)-1])
			}
		}
	}
	return append(forms, inBase64(value)...)
}

// inASCII is a value within a text of JSON that is all ASCII, as Python writes it.
func inASCII(value string) string {
	text, err := json.Marshal(value)
	if err != nil {
		return value
	}
	var b strings.Builder
	for _, r := range strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text[1 : len(text)-1])) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// lowerEscapes writes the %2F of a URL as %2f.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

// inBase64 is what base64 makes of a value, wherever in a longer text it stands,
// such as that of a user and a password in an Authorization header: by its
// distance from a multiple of three bytes, without the characters that its
// neighbours share in.
func inBase64(value string) (forms []string) {
	if len(value) < shortestLine {
		return nil
	}
	for ahead := range 3 {
		text := make([]byte, ahead, ahead+len(value))
		text = append(text, value...)
		from, to := (ahead*8+5)/6, len(text)*8/6
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, alphabet.EncodeToString(text)[from:to])
		}
	}
	return forms
}

// insert adds one text. What is part of Redacted itself is left alone: to redact
// it would never come to an end.
func (s *Secrets) insert(text string) {
	if _, known := s.texts[text]; known || len(text) < shortest || strings.Contains(Redacted, text) {
		return
	}
	if s.texts == nil {
		s.texts, s.lengths = map[string]struct{}{}, map[[shortest]byte][]int{}
	}
	s.texts[text] = struct{}{}
	key := [shortest]byte([]byte(text[:shortest]))
	if lengths := s.lengths[key]; !slices.Contains(lengths, len(text)) {
		lengths = append(lengths, len(text))
		slices.SortFunc(lengths, func(a, b int) int { return b - a })
		s.lengths[key] = lengths
	}
	pair := pairOf(text, 0)
	s.pairs[pair/64] |= 1 << (pair % 64)
}

// Merge adds all secrets of other, which may be nil.
func (s *Secrets) Merge(other *Secrets) {
	if other == nil || other == s {
		return
	}
	other.mu.RLock()
	texts := make([]string, 0, len(other.texts))
	for text := range other.texts {
		texts = append(texts, text)
	}
	other.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		s.insert(text)
	}
}

// Redact returns text with every secret replaced by Redacted, the longest first;
// secrets that overlap are replaced together. So is the beginning of a secret
// before "…", where somebody has cut the text. A text without one is returned as
// it is, without allocation. The time it takes does not grow with the number of
// secrets. It may be called on nil.
func (s *Secrets) Redact(text string) string {
	found := s.find(text)
	if found == nil {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.from])
		b.WriteString(Redacted)
		at = f.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

// find returns where the secrets in a text are, in order and apart; nil for none.
func (s *Secrets) find(text string) (found []span) {
	if s == nil || len(text) < shortest {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.texts) == 0 {
		return nil
	}
	for i := 0; i+shortest <= len(text); i++ {
		if pair := pairOf(text, i); s.pairs[pair/64]&(1<<(pair%64)) == 0 {
			continue
		}
		length := max(s.longestAt(text, i), s.cutAt(text, i))
		switch last := len(found) - 1; {
		case length == 0:
		case last >= 0 && i < found[last].to:
			found[last].to = max(found[last].to, i+length)
		default:
			found = append(found, span{i, i + length})
		}
	}
	return found
}

// longestAt is the length of the longest secret at i, or 0.
func (s *Secrets) longestAt(text string, i int) int {
	for _, length := range s.lengths[[shortest]byte([]byte(text[i:i+shortest]))] {
		if i+length > len(text) {
			continue
		}
		if _, ok := s.texts[text[i:i+length]]; ok {
			return length
		}
	}
	return 0
}

// cutAt is the length of the beginning of a secret that is at i and cut off by
// "…", or 0.
func (s *Secrets) cutAt(text string, i int) int {
	longest := s.lengths[[shortest]byte([]byte(text[i:i+shortest]))]
	if longest == nil {
		return 0
	}
	end := strings.Index(text[i:min(len(text), i+longest[0]+len("…"))], "…")
	if end < shortest {
		return 0
	}
	for secret := range s.texts {
		if strings.HasPrefix(secret, text[i:i+end]) {
			return end
		}
	}
	return 0
}

func pairOf(text string, i int) uint { return uint(text[i])<<8 | uint(text[i+1]) }
