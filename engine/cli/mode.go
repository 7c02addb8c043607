package cli

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"polyhealth/schema"
)

// warnOfMode warns where others than its owner can change a file: polyhealth runs
// the commands that it declares. Where it holds secrets, it is not for all to read
// either. What is no plain file is nobody's to change.
func warnOfMode(file string, secrets bool) (ds []schema.Diagnostic) {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	warn := func(hint, message string) {
		ds = append(ds, schema.Diagnostic{
			File: file, Line: 1, Column: 1, Width: 1, Severity: schema.Warning, Message: message, Hint: hint + " " + file,
		})
	}
	switch mode := info.Mode().Perm(); {
	case mode&0o002 != 0:
		warn("chmod o-w", "everybody can change this file, and so what polyhealth runs")
	case mode&0o020 != 0 && !ownGroup(info):
		warn("chmod g-w", "its group can change this file, and so what polyhealth runs")
	}
	if info.Mode().Perm()&0o004 != 0 && secrets {
		warn("chmod o-r", "everybody can read this file, and it holds secrets")
	}
	return ds
}

// ownGroup reports whether a file's group is its owner's alone: where each user has
// a group of the same name, files are often for it to change, too. So is that of
// root.
func ownGroup(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Gid == 0 {
		return ok
	}
	owner, err := user.LookupId(strconv.Itoa(int(stat.Uid)))
	if err != nil {
		return false
	}
	group, err := user.LookupGroupId(strconv.Itoa(int(stat.Gid)))
	return err == nil && group.Name == owner.Username
}
