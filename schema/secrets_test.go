package schema

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func secretsOf(values ...string) *Secrets {
	s := &Secrets{}
	for _, v := range values {
		s.add(v)
	}
	return s
}

func TestRedact(t *testing.T) {
	for _, c := range []struct {
		name    string
		secrets []string
		text    string
		want    string
	}{
		{"none known", nil, "hunter2 stays", "hunter2 stays"},
		{"none in it", []string{"hunter2"}, "nothing here", "nothing here"},
		{"alone", []string{"hunter2"}, "hunter2", "[redacted]"},
		{"within a word", []string{"hunter2"}, "xhunter2x", "x[redacted]x"},
		{"twice", []string{"hunter2"}, "hunter2 hunter2", "[redacted] [redacted]"},
		{"side by side", []string{"hunter2"}, "hunter2hunter2", "[redacted][redacted]"},
		{"its beginning", []string{"hunter2"}, "hunter", "hunter"},
		{"cut off", []string{"hunter2"}, "is hunt… or so", "is [redacted]… or so"},
		{"cut off early", []string{"hunter2"}, "hun…", "hun…"},
		{"cut off behind something else", []string{"hunter2"}, "hunger…", "hunger…"},
		{"cut off, and whole", []string{"hunter2"}, "hunter2… hunter…", "[redacted]… [redacted]…"},
		{"cut off within one", []string{"abcdefgh", "cdefghi"}, "abcdef…", "[redacted]…"},
		{"the longest first", []string{"abcd", "abcdefgh"}, "abcdefgh abcde", "[redacted] [redacted]e"},
		{"overlapping", []string{"abcdef", "defghi"}, "xabcdefghix", "x[redacted]x"},
		{"one in another", []string{"bcde", "abcdef"}, "abcdef bcde", "[redacted] [redacted]"},
		{"three bytes are no secret", []string{"abc"}, "abc", "abc"},
		{"three bytes, four with an accent", []string{"abé"}, "abé", "[redacted]"},
		{"empty", []string{""}, "text", "text"},
		{"an escape of a shorter one", []string{"a b"}, "a+b", "a+b"},
		{"unicode", []string{"пароль"}, "мой пароль!", "мой [redacted]!"},
		{"what stands for one", []string{"redacted", "[redacted]", "[red"}, "a [redacted] b", "a [redacted] b"},
		{"part of what stands for one", []string{"redacted"}, "a [redacted] redacted", "a [redacted] redacted"},
		{"with what stands for one", []string{"xredacted"}, "xredacted", "[redacted]"},
		{"spaces around it", []string{" hunter2\t"}, "Bearer hunter2", "Bearer [redacted]"},
		{"spaces around a short one", []string{" abc "}, "abc", "abc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := secretsOf(c.secrets...)
			got := s.Redact(c.text)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if again := s.Redact(got); again != got {
				t.Errorf("redacted again it is %q", again)
			}
		})
	}
}

// TestRedactBase64: a secret is known in base64 wherever it stands, as in the
// Authorization header that a server shows.
func TestRedactBase64(t *testing.T) {
	s := secretsOf("correct?horse~battery")
	for _, before := range []string{"", "u:", "me:", "you:", "user:"} {
		for _, after := range []string{"", "!", "!!", "!!!"} {
			for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
				whole := alphabet.EncodeToString([]byte(before + "correct?horse~battery" + after))
				got := s.Redact("Basic " + whole + " was sent")
				left := strings.TrimSuffix(strings.TrimPrefix(got, "Basic "), " was sent")
				around := strings.ReplaceAll(left, Redacted, "")
				if !strings.Contains(left, Redacted) || len(around) > len(before)*4/3+len(after)*4/3+8 {
					t.Errorf("%q and %q around it: %s is %s", before, after, whole, got)
				}
			}
		}
	}
}

// TestRedactForms: a secret is known in the forms that URLs, JSON and quotes give
// it, and a URL's password also without its escapes.
func TestRedactForms(t *testing.T) {
	secret := "a/b+c d\"e\\f&g<h>é\n\x01%41"
	asJSON, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	s := secretsOf(secret)
	for name, form := range map[string]string{
		"itself": secret, "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"user": url.UserPassword("u", secret).String()[2:], "JSON": string(asJSON), "quotes": strconv.Quote(secret),
		"lower-case escapes": strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%5C", "%5c", "%3C", "%3c", "%3E", "%3e", "%C3%A9", "%c3%a9", "%0A", "%0a").Replace(url.QueryEscape(secret)),
		"path, slashes left": strings.ReplaceAll(url.PathEscape(secret), "%2F", "/"), "HTML": html.EscapeString(secret),
		"HTML, named": strings.ReplaceAll(html.EscapeString(secret), "&#34;", "&quot;"), "hex": hex.EncodeToString([]byte(secret)),
		"percent-encoded, as Python does": strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"),
		"so too, slashes left":            strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(secret)),
		"JSON in ASCII":                   `a/b+c d\"e\\f&g<h>\u00e9\n\u0001%41`,
		"JSON, no HTML":                   strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(asJSON)),
	} {
		got := s.Redact("before " + form + " behind")
		if !strings.Contains(got, Redacted) || strings.Contains(got, "/b") || strings.Contains(got, "41") {
			t.Errorf("%s: %q is %q", name, form, got)
		}
	}
	if got := secretsOf("p%40ss%2Fword").Redact("p@ss/word"); got != Redacted {
		t.Errorf("without its escapes: %q", got)
	}
}

func TestRedactNil(t *testing.T) {
	var s *Secrets
	if got := s.Redact("hunter2"); got != "hunter2" {
		t.Error(got)
	}
	if got := (&Secrets{}).Redact("hunter2"); got != "hunter2" {
		t.Error(got)
	}
}

func TestMerge(t *testing.T) {
	one, two := secretsOf("first-secret"), secretsOf("second/secret")
	one.Merge(two)
	one.Merge(nil)
	one.Merge(one)
	if got := one.Redact("first-secret second/secret second%2Fsecret"); got != "[redacted] [redacted] [redacted]" {
		t.Error(got)
	}
	if got := two.Redact("first-secret"); got != "first-secret" {
		t.Error(got)
	}
	none := &Secrets{}
	none.Merge(&Secrets{})
	none.Merge(one)
	if got := none.Redact("first-secret"); got != Redacted {
		t.Error(got)
	}
}

// manySecrets are as tokens are: many begin alike.
func manySecrets(n int) *Secrets {
	s := &Secrets{}
	for i := range n {
		s.add(fmt.Sprintf("secret-token/%d-%d", i%10, i))
	}
	return s
}

const logLine = `probe of service-00042 failed: Get "http://10.0.0.42:8080/health?secret=no": dial tcp 10.0.0.42:8080: connect: connection refused`

// TestRedactAllocations: what holds no secret costs nothing, also where it begins
// as one does.
func TestRedactAllocations(t *testing.T) {
	s := manySecrets(1000)
	for _, text := range []string{logLine, "secret-token/", strings.Repeat("secr secret- ", 50), ""} {
		if n := testing.AllocsPerRun(100, func() { s.Redact(text) }); n != 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

// TestRedactMany: the time does not grow with the number of secrets.
func TestRedactMany(t *testing.T) {
	s := manySecrets(10_000)
	start := time.Now()
	for range 10_000 {
		s.Redact(logLine)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("10,000 texts took %v", took)
	}
	if got := s.Redact("x secret-token/7-1007 y"); got != "x [redacted] y" {
		t.Error(got)
	}
}

// TestSecretsConcurrently is for the race detector.
func TestSecretsConcurrently(t *testing.T) {
	one, two := manySecrets(10), manySecrets(20)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				switch (i + j) % 4 {
				case 0:
					one.add(fmt.Sprintf("another-secret-%d", j))
				case 1:
					one.Merge(two)
				case 2:
					two.Merge(one)
				default:
					if got := one.Redact("a secret-token/7-7 b"); got != "a [redacted] b" {
						t.Error(got)
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkRedactMiss(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := manySecrets(n)
			b.SetBytes(int64(len(logLine)))
			b.ReportAllocs()
			for b.Loop() {
				s.Redact(logLine)
			}
		})
	}
}

func BenchmarkRedactHit(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			s := manySecrets(n)
			text := logLine + " secret-token/7-7"
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Redact(text)
			}
		})
	}
}
