package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
)

// An editor is a client of the language server that stands behind the YAML support
// of most editors. It speaks JSON-RPC over the server's standard input and output.
type editor struct {
	t   *testing.T
	in  io.Writer
	mu  sync.Mutex // of in
	ids int

	answers chan rpcMessage
	found   chan diagnosed
	done    chan struct{}
}

type rpcMessage struct {
	Version string           `json:"jsonrpc"`
	ID      *json.RawMessage `json:"id,omitempty"`
	Method  string           `json:"method,omitempty"`
	Params  json.RawMessage  `json:"params,omitempty"`
	Result  json.RawMessage  `json:"result,omitempty"`
	Error   json.RawMessage  `json:"error,omitempty"`
}

// position is a place in a file, from 0.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// diagnosed is what the server has found in a file.
type diagnosed struct {
	URI         string `json:"uri"`
	Diagnostics []struct {
		Range struct {
			Start position `json:"start"`
		} `json:"range"`
		Severity int    `json:"severity"`
		Message  string `json:"message"`
	} `json:"diagnostics"`
}

// answerWithin is how long the server may take for anything.
const answerWithin = time.Minute

// openEditor starts the server that .ci/npm/package.json pins.
func openEditor(t *testing.T) *editor {
	t.Helper()
	node := checktest.Need(t, "node")
	program, err := filepath.Abs("../../.ci/npm/node_modules/yaml-language-server/bin/yaml-language-server")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		checktest.Skip(t, "yaml-language-server, which npm ci --prefix .ci/npm installs")
	}
	cmd := exec.Command(node, program, "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, in: in, answers: make(chan rpcMessage), found: make(chan diagnosed, 1000), done: make(chan struct{})}
	var reading sync.WaitGroup
	reading.Go(func() { e.read(out) })
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		close(e.done)
		reading.Wait()
		_ = cmd.Wait()
	})
	e.ask("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": nil,
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true},
			"textDocument": map[string]any{
				"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": true, "documentationFormat": []string{"markdown"}}},
				"hover":      map[string]any{"contentFormat": []string{"markdown"}},
			},
		},
	}, nil)
	e.tell("initialized", map[string]any{})
	return e
}

// settings are an editor's defaults, but that nothing is asked of the internet.
var settings = map[string]any{
	"yaml": map[string]any{
		"validate": true, "hover": true, "completion": true,
		"schemaStore":        map[string]any{"enable": false},
		"kubernetesCRDStore": map[string]any{"enable": false},
	},
	"http": map[string]any{}, "[yaml]": map[string]any{}, "editor": map[string]any{}, "files": map[string]any{},
}

// read takes what the server sends until it ends.
func (e *editor) read(from io.Reader) {
	defer close(e.answers)
	for r := textproto.NewReader(bufio.NewReader(from)); ; {
		header, err := r.ReadMIMEHeader()
		if err != nil {
			return
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(r.R, body); err != nil {
			return
		}
		var m rpcMessage
		if err := json.Unmarshal(body, &m); err != nil {
			return
		}
		e.got(m)
	}
}

func (e *editor) got(m rpcMessage) {
	switch {
	case m.Method == "":
		select {
		case e.answers <- m:
		case <-e.done:
		}
	case m.Method == "textDocument/publishDiagnostics":
		var d diagnosed
		if json.Unmarshal(m.Params, &d) == nil {
			select {
			case e.found <- d:
			case <-e.done:
			}
		}
	case m.ID != nil: // the server asks
		e.send(rpcMessage{ID: m.ID, Result: answerTo(m)})
	}
}

func answerTo(m rpcMessage) json.RawMessage {
	if m.Method != "workspace/configuration" {
		return json.RawMessage("null")
	}
	var asked struct{ Items []struct{ Section string } }
	_ = json.Unmarshal(m.Params, &asked)
	all := make([]any, len(asked.Items))
	for i, item := range asked.Items {
		all[i] = settings[item.Section]
	}
	return raw(all)
}

// raw is JSON of what can be nothing else.
func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func (e *editor) send(m rpcMessage) {
	m.Version = "2.0"
	body, _ := json.Marshal(m) // of nothing that could fail
	e.mu.Lock()
	defer e.mu.Unlock()
	fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (e *editor) tell(method string, params any) {
	e.send(rpcMessage{Method: method, Params: raw(params)})
}

// ask sends a request and waits for its answer.
func (e *editor) ask(method string, params, result any) {
	e.t.Helper()
	e.ids++
	id := raw(e.ids)
	e.send(rpcMessage{ID: &id, Method: method, Params: raw(params)})
	select {
	case m, ok := <-e.answers:
		if !ok || m.Error != nil {
			e.t.Fatalf("%s: %s", method, m.Error)
		}
		if result != nil && string(m.Result) != "null" {
			if err := json.Unmarshal(m.Result, result); err != nil {
				e.t.Fatalf("%s: %v\n%s", method, err, m.Result)
			}
		}
	case <-time.After(answerWithin):
		e.t.Fatalf("%s: no answer", method)
	}
}

// open shows the server a text as the file of a name in the root of the tree, so
// that its modeline finds the schema, and returns the file's URI.
func (e *editor) open(name, text string) string {
	e.t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", name))
	if err != nil {
		e.t.Fatal(err)
	}
	uri := (&url.URL{Scheme: "file", Path: path}).String()
	e.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": uri, "languageId": "yaml", "version": 1, "text": text,
	}})
	return uri
}

// diagnose opens a file and returns what the server finds in it, as LINE: MESSAGE.
func (e *editor) diagnose(name, text string) (all []string) {
	e.t.Helper()
	uri := e.open(name, text)
	for end := time.After(answerWithin); ; {
		select {
		case d := <-e.found:
			if d.URI != uri {
				continue
			}
			for _, one := range d.Diagnostics {
				all = append(all, fmt.Sprintf("%d: %s", one.Range.Start.Line+1, one.Message))
			}
			e.tell("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}})
			slices.Sort(all)
			return all
		case <-end:
			e.t.Fatalf("%s was not looked at", name)
		}
	}
}

// completion is one thing that could be written.
type completion struct {
	Label         string
	Kind          int
	InsertText    string
	Documentation json.RawMessage
	TextEdit      struct{ NewText string }
}

// cursor opens a text without its | and returns where that was.
func (e *editor) cursor(text string) map[string]any {
	e.t.Helper()
	before, after, found := strings.Cut(text, "|")
	if !found {
		e.t.Fatal("there is no | in the text")
	}
	e.ids++
	uri := e.open(fmt.Sprintf("unsaved-%d.yaml", e.ids), before+after)
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return map[string]any{
		"textDocument": map[string]any{"uri": uri},
		"position":     position{strings.Count(before, "\n"), len(line)},
	}
}

// complete returns what the server offers at the | of a text.
func (e *editor) complete(text string) []completion {
	e.t.Helper()
	var list struct{ Items []completion }
	e.ask("textDocument/completion", e.cursor(text), &list)
	return list.Items
}

// hover returns what the server shows at the | of a text.
func (e *editor) hover(text string) string {
	e.t.Helper()
	var shown struct{ Contents struct{ Value string } }
	e.ask("textDocument/hover", e.cursor(text), &shown)
	return shown.Contents.Value
}
