package checktest

import (
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode"

	"polyhealth/checktypes"
)

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// shapeProblems says what is wrong with how typ describes itself. folder is where
// its source lies.
func shapeProblems(typ checktypes.Type, folder string) (found []string) {
	note := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if typ.Name != filepath.Base(folder) || !plainName.MatchString(typ.Name) {
		note("the type %q lies in the folder %q", typ.Name, filepath.Base(folder))
	}
	if !strings.HasSuffix(typ.Doc, ".") || strings.Count(typ.Doc, ". ") > 0 {
		note("Doc is not one sentence: %q", typ.Doc)
	}
	config, vars := reflect.TypeOf(typ.Config), reflect.TypeOf(typ.Vars)
	keys := walk{tag: "yaml", note: note, seen: map[reflect.Type]bool{}}
	keys.fields(config)
	if typ.Short != "" && !hasKey(config, typ.Short) {
		note("the short form stands for %q, which is no key", typ.Short)
	}
	variables := walk{tag: "expr", note: note, seen: map[reflect.Type]bool{}}
	variables.fields(vars)
	if f, ok := vars.FieldByName("Common"); !ok || !f.Anonymous || f.Type != reflect.TypeFor[checktypes.Common]() {
		note("%v does not embed checktypes.Common", vars)
	}
	one, two := reflect.ValueOf(typ.NewConfig()), reflect.ValueOf(typ.NewConfig())
	if one.Kind() != reflect.Pointer || one.Elem().Type() != config {
		note("NewConfig makes a %v, not a pointer to %v", one.Type(), config)
	} else {
		sharing(one, two, "", note)
	}
	return found
}

// A walk looks at every field of a struct and of the structs in it.
type walk struct {
	tag  string
	note func(format string, args ...any)
	seen map[reflect.Type]bool
}

func (w walk) fields(t reflect.Type) {
	if w.seen[t] {
		return
	}
	w.seen[t] = true
	names := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get(w.tag), ",")
		switch {
		case !plainName.MatchString(name):
			w.note("%v.%s has no name: %s:%q", t, f.Name, w.tag, name)
		case names[name]:
			w.note("%v has two fields named %s", t, name)
		}
		names[name] = true
		if inner := structIn(f.Type); inner != nil && !isUnion(f.Type) {
			w.fields(inner)
		}
	}
}

// structIn is the struct of ours that t is, points to, or holds many of.
func structIn(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() ||
		!strings.Contains(t.PkgPath(), "/checktypes") {
		return nil
	}
	return t
}

// isUnion reports whether t decodes itself, so that its fields are no keys.
func isUnion(t reflect.Type) bool {
	_, ok := reflect.PointerTo(t).MethodByName("FromNode")
	return ok
}

func hasKey(config reflect.Type, key string) bool {
	for i := range config.NumField() {
		if name, _, _ := strings.Cut(config.Field(i).Tag.Get("yaml"), ","); name == key {
			return true
		}
	}
	return false
}

// sharing notes what two configs that should be independent have in common.
func sharing(a, b reflect.Value, path string, note func(string, ...any)) {
	switch a.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if a.IsNil() || b.IsNil() {
			return
		}
		if a.Pointer() == b.Pointer() && (a.Kind() != reflect.Slice || a.Cap() > 0) {
			note("two NewConfigs share %s", strings.TrimPrefix(path, "."))
		} else if a.Kind() == reflect.Pointer {
			sharing(a.Elem(), b.Elem(), path, note)
		}
	case reflect.Struct:
		for i := range a.NumField() {
			sharing(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name, note)
		}
	}
}

var goisms = []string{
	"context deadline exceeded", "context canceled", "%!", "i/o timeout", "runtime error",
	"use of closed network connection", "checktypes.", "*errors.", "0x",
}

// messageProblems says why a failed probe's message is not fit for a person.
func messageProblems(message string) (found []string) {
	first, second := runes(message)
	if message == "" || strings.TrimSpace(message) != message || strings.Contains(message, "\n") {
		found = append(found, fmt.Sprintf("the message is not one line: %q", message))
	}
	if unicode.IsUpper(first) && unicode.IsLower(second) {
		found = append(found, fmt.Sprintf("the message begins upper case: %q", message))
	}
	for _, g := range goisms {
		if strings.Contains(message, g) {
			found = append(found, fmt.Sprintf("the message is not in the user's words (%q): %q", g, message))
		}
	}
	return found
}

func runes(s string) (first, second rune) {
	for i, r := range []rune(s) {
		if i == 0 {
			first = r
		} else {
			return first, r
		}
	}
	return first, 0
}
