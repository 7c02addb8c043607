package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"polyhealth/engine"
	"polyhealth/engine/alert"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "123456:AAE-secret_Token"

// A server is Telegram, as strict as the real one about what it is sent.
type server struct {
	t *testing.T
	*httptest.Server

	mu      sync.Mutex
	answers []answer // in order, then ok
	got     []sent
}

type answer struct {
	status int
	body   string
}

type sent struct{ chat, thread, mode, text, preview string }

func newServer(t *testing.T, answers ...answer) *server {
	s := &server{t: t, answers: answers}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	fail := func(status int, why string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"ok":false,"error_code":%d,"description":%q}`, status, why)
	}
	if r.Method != http.MethodPost || r.URL.Path != "/bot"+token+"/sendMessage" {
		s.t.Errorf("%s %s", r.Method, r.URL.Path)
		fail(404, "Not Found")
		return
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		s.t.Error(err)
	}
	m := sent{r.FormValue("chat_id"), r.FormValue("message_thread_id"), r.FormValue("parse_mode"), r.FormValue("text"), r.FormValue("link_preview_options")}
	s.got = append(s.got, m)
	if len(s.answers) > 0 {
		a := s.answers[0]
		s.answers = s.answers[1:]
		if a.status == 0 { // dies without an answer
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(a.status)
		io.WriteString(w, a.body)
		return
	}
	if problem := refuse(m); problem != "" {
		s.t.Errorf("Telegram would refuse this: %s\n%s", problem, m.text)
		fail(400, "Bad Request: "+problem)
		return
	}
	io.WriteString(w, `{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":1,"type":"group"}}}`)
}

// messages are what was sent so far.
func (s *server) messages() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

var tags = regexp.MustCompile(`</?[a-z]+>`)

// refuse is what Telegram says of a message that it does not take.
func refuse(m sent) string {
	text := m.text
	if !utf8.ValidString(text) {
		return "text must be encoded in UTF-8"
	}
	if m.mode == "HTML" {
		rest := text
		if strings.Count(text, "<b>") != strings.Count(text, "</b>") {
			return "can't parse entities: unclosed tag"
		}
		rest = tags.ReplaceAllString(rest, "")
		if strings.ContainsAny(rest, "<>") {
			return "can't parse entities: unsupported start tag"
		}
		for i := range rest {
			if rest[i] == '&' && !regexp.MustCompile(`^&(lt|gt|amp|quot|#\d+);`).MatchString(rest[i:]) {
				return "can't parse entities: broken entity"
			}
		}
		text = html.UnescapeString(rest)
	}
	switch n := len(utf16.Encode([]rune(text))); {
	case strings.TrimSpace(text) == "":
		return "message text is empty"
	case n > 4096:
		return "message is too long"
	}
	return ""
}

func open1(t testing.TB, url string, chat ChatID, log io.Writer) alert.Notifier {
	t.Helper()
	n, err := Kind.Open(&Config{Token: token, ChatID: chat, ThreadID: 42, APIURL: url},
		alert.Env{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func message(text string) alert.Message {
	return alert.Message{
		ID: "x", Event: alert.Firing, Check: "a <b> & \"c\"", Status: engine.Unhealthy,
		Message: text, Failures: 3, Time: time.Now(),
	}
}

func TestSend(t *testing.T) {
	s := newServer(t)
	out := open1(t, s.URL, "-1001234567890", io.Discard).Send(t.Context(), message("1 < 2 & <script>"))
	if out != alert.Sent() {
		t.Fatalf("%+v", out)
	}
	m := s.messages()[0]
	want := "<b>🚨 a &lt;b&gt; &amp; &#34;c&#34; is UNHEALTHY</b>\nStatus: unhealthy\nMessage: 1 &lt; 2 &amp; &lt;script&gt;\nFailures: 3"
	if m.chat != "-1001234567890" || m.thread != "42" || m.mode != "HTML" || m.text != want {
		t.Errorf("%+v", m)
	}
	var preview struct {
		Off bool `json:"is_disabled"`
	}
	if err := json.Unmarshal([]byte(m.preview), &preview); err != nil || !preview.Off {
		t.Errorf("link previews: %s", m.preview)
	}
}

// refusal is an answer with an error.
func refusal(status int, why, parameters string) answer {
	return answer{status, fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, status, why, parameters)}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []answer
		want    string // the outcome as explain says it
		tries   int
	}{
		{"busy", []answer{refusal(429, "Too Many Requests: retry after 17", `,"parameters":{"retry_after":17}`)},
			"retry after 17s: too many requests", 1},
		{"unreadable HTML", []answer{refusal(400, "Bad Request: can't parse entities: byte 7", "")}, "sent", 2},
		{"unreadable twice", []answer{refusal(400, "Bad Request: can't parse entities", ""), refusal(400, "Bad Request: can't parse entities", "")},
			"permanent: bad request, Bad Request: can't parse entities", 2},
		{"no such chat", []answer{refusal(400, "Bad Request: chat not found", "")}, "permanent: bad request, Bad Request: chat not found", 1},
		{"moved", []answer{refusal(400, "Bad Request: group chat was upgraded", `,"parameters":{"migrate_to_chat_id":-100777}`)}, "sent", 2},
		{"blocked", []answer{refusal(403, "Forbidden: bot was blocked by the user", "")}, "permanent: forbidden", 1},
		{"wrong token", []answer{refusal(401, "Unauthorized", "")}, "permanent: the token is not taken", 1},
		{"no such bot", []answer{refusal(404, "Not Found", "")}, "permanent: the token is not taken", 1},
		{"broken", []answer{refusal(502, "Bad Gateway", "")}, "retry after 0s: error response from telegram", 1},
		{"a proxy's page", []answer{{502, "<html>" + strings.Repeat("bot"+token+" ", 2000)}}, "retry after 0s: error decode", 1},
		{"no answer", []answer{{}}, "retry after 0s: cannot reach Telegram: EOF", 1},
		{"redirect", []answer{{307, "{}"}}, "retry after 0s: ", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, c.answers...)
			n := open1(t, s.URL, "-100555", io.Discard)
			out := n.Send(t.Context(), message("m")).String()
			if !strings.HasPrefix(out, c.want) || strings.Contains(out, "secret") || len(out) > 400 {
				t.Errorf("%s, want %s", out, c.want)
			}
			if len(s.messages()) != c.tries {
				t.Errorf("%d requests, want %d", len(s.messages()), c.tries)
			}
		})
	}
}

func TestMovedChatIsRemembered(t *testing.T) {
	s := newServer(t, refusal(400, "upgraded", `,"parameters":{"migrate_to_chat_id":-100777}`))
	var log bytes.Buffer
	n := open1(t, s.URL, "-555", &log)
	for range 2 {
		if out := n.Send(t.Context(), message("m")); out != alert.Sent() {
			t.Fatalf("%+v", out)
		}
	}
	if len(s.messages()) != 3 || s.messages()[1].chat != "-100777" || s.messages()[2].chat != "-100777" {
		t.Errorf("%+v", s.messages())
	}
	if !strings.Contains(log.String(), "chat_id=-100777") {
		t.Errorf("the log is %s", &log)
	}
}

func TestPlainTextWhenHTMLFails(t *testing.T) {
	s := newServer(t, refusal(400, "Bad Request: can't parse entities", ""))
	open1(t, s.URL, "@channel", io.Discard).Send(t.Context(), message("1 < 2"))
	if m := s.messages()[1]; m.mode != "" || !strings.Contains(m.text, "Message: 1 < 2") || m.chat != "@channel" {
		t.Errorf("%+v", m)
	}
}

func TestUnreachable(t *testing.T) {
	s := newServer(t)
	s.Close()
	out := open1(t, s.URL, "1", io.Discard).Send(t.Context(), message("m")).String()
	if !strings.HasPrefix(out, "retry after 0s: cannot reach Telegram: dial tcp") || strings.Contains(out, "secret") {
		t.Error(out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out = open1(t, s.URL, "1", io.Discard).Send(ctx, message("m")).String()
	if !strings.HasPrefix(out, "retry") || strings.Contains(out, "secret") {
		t.Error(out)
	}
}

// Whatever a message holds, Telegram takes it, and it says as much as fits.
func TestTextAlwaysFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"a", "<", "&", "\"", "👩‍👩‍👧‍👦", "🚨", "é", "\n", "漢", "</b>", "&lt;"})
		text := strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "text"), "")
		m := message(strings.Repeat(text, rapid.IntRange(1, 200).Draw(t, "times")))
		m.Check = strings.Repeat("<", rapid.IntRange(1, 100).Draw(t, "name"))
		for _, s := range []sent{{mode: "HTML", text: htmlText(m)}, {text: plainText(m)}} {
			if problem := refuse(s); problem != "" {
				t.Fatalf("%s\n%s", problem, s.text)
			}
			if units(s.text) > maxText {
				t.Fatalf("%d units before parsing", units(s.text))
			}
			if !strings.Contains(s.text, "is UNHEALTHY") || s.mode == "HTML" && !strings.Contains(s.text, "Failures: 3") {
				t.Fatalf("more was cut than the message:\n%s", s.text)
			}
			if cut := strings.HasSuffix(s.text, "…") || strings.Contains(s.text, "…\nFailures"); cut && units(s.text) < maxText-20 {
				t.Fatalf("cut to %d units", units(s.text))
			}
		}
	})
}

// A message that is too long fills what there is.
func TestCutFillsTheMessage(t *testing.T) {
	for _, piece := range []string{"a", "<", "🚨"} {
		m := message(strings.Repeat(piece, 5000))
		if n := units(htmlText(m)); n > maxText || n < maxText-4 {
			t.Errorf("%q: HTML of %d units", piece, n)
		}
		if n := units(plainText(m)); n > maxText || n < maxText-1 {
			t.Errorf("%q: %d units", piece, n)
		}
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		chat ChatID
		took time.Duration // of 25 messages
	}{{"-1001", 60 * time.Second}, {"@channel", 60 * time.Second}, {"77", 20 * time.Second}} {
		n := open1(t, "http://127.0.0.1:1", c.chat, io.Discard).(*notifier)
		now := time.Unix(1000, 0)
		start, waited := now, 0
		for range 25 {
			for {
				wait := n.pace.wait(now)
				if wait == 0 {
					break
				}
				waited++
				now = now.Add(wait)
			}
		}
		if took := now.Sub(start); took != c.took {
			t.Errorf("%s: 25 messages took %s, want %s", c.chat, took, c.took)
		}
		if waited != 20 {
			t.Errorf("%s: %d of 25 waited, want 20", c.chat, waited)
		}
	}
}
