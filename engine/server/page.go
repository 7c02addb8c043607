package server

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assets embed.FS

// policy is what the dashboard's page may do: run our script, talk to us, and
// nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// dashboard is the page and its files, ready to send. The files lie under the
// hash of them all, so that a browser keeps them until one changes.
type dashboard struct {
	hash  string
	page  []byte
	files map[string][]byte
}

// newDashboard reads what is embedded; it panics where that is broken, which no
// build that passed a test is.
func newDashboard(version string) *dashboard {
	d := &dashboard{files: map[string][]byte{}}
	sum := sha256.New()
	err := fs.WalkDir(assets, "assets", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := assets.ReadFile(name)
		sum.Write(content)
		d.files[path.Base(name)] = content
		return err
	})
	if err != nil {
		panic(err)
	}
	d.hash = hex.EncodeToString(sum.Sum(nil)[:8])
	shell := template.Must(template.New("page").Parse(string(d.files["index.html"])))
	delete(d.files, "index.html")
	var page bytes.Buffer
	err = shell.Execute(&page, struct{ Assets, Version string }{"/assets/" + d.hash, version})
	if err != nil {
		panic(err)
	}
	d.page = page.Bytes()
	return d
}

// index answers GET /: the dashboard.
func (s *Server) index(w http.ResponseWriter, r *http.Request, _ string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(s.dashboard.page)
}

// asset answers GET /assets/HASH/FILE. The answer to one path never changes.
func (s *Server) asset(w http.ResponseWriter, r *http.Request, name string) {
	hash, file, _ := strings.Cut(name, "/")
	if hash != s.dashboard.hash {
		writeError(w, http.StatusNotFound, "this file belongs to another version; reload the page")
		return
	}
	s.sendFile(w, r, file, "public, max-age=31536000, immutable")
}

// favicon answers GET /favicon.ico, which browsers ask for by themselves.
func (s *Server) favicon(w http.ResponseWriter, r *http.Request, _ string) {
	s.sendFile(w, r, "favicon.svg", "public, max-age=86400")
}

func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, file, caching string) {
	content, ok := s.dashboard.files[file]
	if !ok {
		writeError(w, http.StatusNotFound, "there is no such file")
		return
	}
	h, tag := w.Header(), `"`+s.dashboard.hash+`"`
	h.Set("Cache-Control", caching)
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", typeOf(file))
	_, _ = w.Write(content)
}

// typeOf is a file's media type. The machine's own list is not asked: it may be
// missing, or wrong.
func typeOf(file string) string {
	switch path.Ext(file) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}
