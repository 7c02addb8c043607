package systemd

import (
	"fmt"
	"path"
	"strings"
)

// kinds are the suffixes that a unit's name may have.
var kinds = []string{
	"service", "timer", "socket", "path", "mount", "automount",
	"swap", "target", "slice", "scope", "device",
}

// A selector is one name or pattern of the file.
type selector struct {
	written string // as the file has it
	full    string // with its suffix
	bare    bool   // written without a suffix
	glob    bool   // a pattern
}

// A nameError is a name that no unit can have.
type nameError struct{ message, hint string }

func (e *nameError) Error() string { return e.message }

// longest is the length of a unit's name at most.
const longest = 255

// parseSelector reads a name or a pattern. systemd refuses a whole request for one
// bad name in it, so that none may get that far.
func parseSelector(written string) (selector, *nameError) {
	s := selector{written: written, full: written, glob: strings.ContainsAny(written, "*?[")}
	if kindOf(written) == "" {
		s.full, s.bare = written+".service", true
	}
	base := strings.TrimSuffix(s.full, "."+kindOf(s.full))
	switch {
	case strings.TrimSpace(written) == "":
		return s, &nameError{"a unit's name is empty", "write a name such as nginx.service"}
	case strings.Contains(written, "/"):
		return s, &nameError{fmt.Sprintf("%q is a path, not the name of a unit", written), "a mount's unit is named as home.mount for /home"}
	case len(s.full) > longest:
		return s, &nameError{fmt.Sprintf("a unit's name is longer than %d characters", longest), ""}
	case strings.IndexFunc(written, func(r rune) bool { return !allowed(r, s.glob) }) >= 0 || base == "" || base[0] == '@':
		return s, &nameError{fmt.Sprintf("%q is not the name of a unit", written), "names have letters, digits and : - _ . @ \\, patterns also * ? [ ]"}
	case !s.glob && strings.HasSuffix(base, "@"):
		return s, &nameError{fmt.Sprintf("%q is a template, which never runs itself", written), fmt.Sprintf("name an instance, or all by %s*", base)}
	case s.glob && !matchable(s.full):
		return s, &nameError{fmt.Sprintf("the pattern %q has no closing bracket", written), ""}
	}
	return s, nil
}

func allowed(r rune, glob bool) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return true
	case glob && strings.ContainsRune("*?[]!^", r):
		return true
	}
	return strings.ContainsRune(`:-_.@\`, r)
}

func matchable(pattern string) bool {
	_, err := path.Match(strings.ReplaceAll(pattern, `\`, "_"), "")
	return err == nil
}

// kindOf is the suffix of a unit's name, without its dot, or "" where it has none
// that systemd knows.
func kindOf(name string) string {
	suffix := name[strings.LastIndexByte(name, '.')+1:]
	for _, k := range kinds {
		if suffix == k && len(name) > len(suffix) {
			return k
		}
	}
	return ""
}

// UnitName reads the name of one unit: with its suffix, or what is wrong with it and a
// hint.
func UnitName(written string) (full, message, hint string) {
	s, err := parseSelector(written)
	switch {
	case err != nil:
		return s.full, err.message, err.hint
	case s.glob:
		return s.full, fmt.Sprintf("%q is a pattern, not the name of one unit", written), "name the unit"
	}
	return s.full, "", ""
}

// nameFor is the name, as the file would write it, of a unit that s selected.
func (s selector) nameFor(id string) string {
	switch {
	case !s.glob:
		return s.written
	case s.bare:
		return short(id)
	}
	return id
}

// short is a unit's name without .service.
func short(id string) string { return strings.TrimSuffix(id, ".service") }
