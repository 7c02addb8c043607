package main

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages each of our packages may import, by
// pattern: the rooms of the house, and who may know whom.
var mayImport = []struct{ who, whom string }{
	{"schema", ""},
	{"schema/fielddocs", ""},
	{"checktypes", "schema"},
	{"checktypes/checktest", "schema checktypes"},
	{"checktypes/all", "schema checktypes checktypes/*"},
	{"checktypes/tlsconf", "schema checktypes"},
	{"checktypes/web", "schema checktypes checktypes/tlsconf"},
	{"checktypes/jsonvalue", ""},
	{"checktypes/*", "schema checktypes checktypes/tlsconf checktypes/web checktypes/jsonvalue"},
	{"engine/rule", ""},
	{"engine", "schema checktypes engine/rule"},
	{"engine/store", "schema checktypes engine"},
	{"engine/alert", "schema checktypes engine"},
	{"engine/alert/all", "engine engine/alert engine/alert/*"},
	{"engine/alert/httppost", "schema engine/alert"},
	{"engine/alert/*", "schema checktypes engine engine/alert engine/alert/httppost"},
	{"engine/recovery", "schema checktypes engine"},
	{"engine/recovery/act", "checktypes/command checktypes/systemd engine engine/recovery"},
	{"engine/suite", "schema checktypes engine engine/alert engine/recovery"},
	{"engine/server", "schema checktypes engine"},
	{"engine/cli", "*"},
	{"engine/cli/draft", ""},
	{"engine/cli/importer", "schema engine/cli/draft"},
	{"engine/cli/survey", "checktypes/systemd engine/cli/draft"},
	{"systemd", ""},
	{"systemd/sandbox", "checktypes/checktest"},
	{".", "engine/cli"},
}

// onlyIn says in which package each library that is a room's own business may be
// imported.
var onlyIn = map[string][]string{
	"github.com/expr-lang/expr":  {"engine/rule"},
	"gopkg.in/yaml.v3":           {"schema"},
	"modernc.org/sqlite":         {"engine/store", "checktypes/sql"},
	"github.com/spf13/cobra":     {"engine/cli"},
	"github.com/go-telegram/bot": {"engine/alert/telegram"},
}

// TestLayout holds the direction of imports.
func TestLayout(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); err != nil {
			t.Fatal(err)
		}
		who := inside(pkg.ImportPath)
		allowed, known := allowedFor(who)
		if !known {
			t.Errorf("%s is in no room: add it to mayImport", who)
			continue
		}
		for _, imported := range pkg.Imports {
			if whom := inside(imported); whom != "" && !matches(allowed, whom) {
				t.Errorf("%s must not know %s", who, whom)
			}
			for library, rooms := range onlyIn {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !slices.Contains(rooms, who) {
					t.Errorf("%s is the business of %v, not of %s", library, rooms, who)
				}
			}
		}
	}
}

// inside is a package's path within this module, "." for its root, "" for a
// package of somebody else's.
func inside(importPath string) string {
	if importPath == "polyhealth" {
		return "."
	}
	rest, ok := strings.CutPrefix(importPath, "polyhealth/")
	if !ok {
		return ""
	}
	return rest
}

// allowedFor is the first line of mayImport whose pattern fits.
func allowedFor(who string) ([]string, bool) {
	for _, line := range mayImport {
		if ok, _ := path.Match(line.who, who); ok {
			return strings.Fields(line.whom), true
		}
	}
	return nil, false
}

func matches(patterns []string, whom string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(p, whom)
		return ok || p == "*"
	})
}
