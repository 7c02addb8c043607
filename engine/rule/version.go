package rule

import (
	"errors"
	"strings"

	"golang.org/x/mod/semver"
)

// A version is a semantic version, https://semver.org, as it was written. Versions
// that differ only in what follows a + are equal.
type version struct{ text string }

const (
	maxVersion  = 256 // bytes
	versionHint = `versions look like "1.2.3", "v2.0" or "1.0.0-rc.1"`
)

var errNoVersion = errors.New("not a version")

// parseVersion reads a version with or without its v, and with one to three
// numbers: 1.2 is 1.2.0. Space around it is what a program's output has.
func parseVersion(s string) (version, error) {
	v := version{strings.TrimSpace(s)}
	if len(v.text) > maxVersion || !semver.IsValid(v.canonical()) {
		return version{}, errNoVersion
	}
	return v, nil
}

// canonical has the v that the library wants.
func (v version) canonical() string {
	return "v" + strings.TrimPrefix(v.text, "v")
}

// normal is equal for equal versions.
func (v version) normal() string { return semver.Canonical(v.canonical()) }

func (v version) compare(o version) int { return semver.Compare(v.canonical(), o.canonical()) }

func toVersion(args []any) (any, error) {
	v, err := parseVersion(args[0].(string))
	if err != nil {
		return nil, quoted(args[0].(string), err)
	}
	return v, nil
}

// quoted says of a text what it is, or is not.
func quoted(text string, is error) error {
	return errors.New(`"` + shorten(text, 40) + `" is ` + is.Error())
}
