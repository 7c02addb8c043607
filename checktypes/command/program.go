package command

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"polyhealth/checktypes"
)

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// program is the command as it is to be started, but for its pipes. An error is
// polyhealth's own fault, since the target was not asked.
func (p *prober) program() (*exec.Cmd, error) {
	attributes, account, err := identity(p.config.User)
	if err != nil {
		return nil, checktypes.OwnFault(err)
	}
	argv := p.config.Argv
	if p.config.Shell != "" {
		argv = []string{"/bin/sh", "-c", p.config.Shell}
	}
	dir := within(p.dir, p.config.Dir)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, checktypes.OwnFaultf("no such folder: %s", dir)
	}
	env := environment(os.Environ(), account, p.config.Env)
	path, err := find(argv[0], p.dir, env["PATH"])
	if err != nil {
		return nil, checktypes.OwnFault(err)
	}
	cmd := &exec.Cmd{Path: path, Args: argv, Dir: dir, SysProcAttr: attributes}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd, nil
}

// within is path, which may be empty, relative to dir.
func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// find looks a program up: by its path, relative to dir, where it holds a slash,
// else in the absolute folders of a PATH.
func find(name, dir, path string) (string, error) {
	folders := []string{dir}
	if !strings.Contains(name, "/") {
		folders = slices.DeleteFunc(filepath.SplitList(path), func(f string) bool { return !filepath.IsAbs(f) })
	}
	unfit := errors.New("no such program: " + name)
	for _, folder := range folders {
		file := within(folder, name)
		switch info, err := os.Stat(file); {
		case errors.Is(err, fs.ErrPermission):
			unfit = errors.New("cannot run " + file + ": permission denied")
		case err != nil:
		case info.IsDir():
			unfit = errors.New("cannot run " + file + ": it is a folder")
		case info.Mode()&0o111 == 0:
			unfit = errors.New("cannot run " + file + ": it is not executable")
		default:
			return file, nil
		}
	}
	return "", unfit
}

// environment is what a program gets of env, a process's environment, with what is
// set on top. account is whom it runs as, or nil for ourselves.
func environment(env []string, account *user.User, set map[string]string) map[string]string {
	ours := map[string]string{"PATH": defaultPath}
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "LC_") || slices.Contains(
			[]string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR"}, name) {
			ours[name] = value
		}
	}
	if account != nil {
		delete(ours, "TMPDIR") // it may be ours alone
		ours["HOME"], ours["USER"], ours["LOGNAME"] = account.HomeDir, account.Username, account.Username
	}
	for name, value := range set {
		ours[name] = value
	}
	return ours
}

// identity is how to become the user that name or number says; account is nil where
// there is nobody to become.
func identity(name string) (attributes *syscall.SysProcAttr, account *user.User, err error) {
	attributes = &syscall.SysProcAttr{Setsid: true} // no terminal to ask at, and a group to kill
	dieWithUs(attributes)
	if name == "" {
		return attributes, nil, nil
	}
	account, err = user.Lookup(name)
	if _, number := strconv.Atoi(name); err != nil && number == nil {
		account, err = user.LookupId(name)
	}
	if err != nil {
		return nil, nil, errors.New("no such user: " + name)
	}
	credential, err := credentialOf(account)
	if err != nil {
		return nil, nil, err
	}
	if int(credential.Uid) != os.Geteuid() {
		attributes.Credential = credential
	}
	return attributes, account, nil
}

func credentialOf(account *user.User) (*syscall.Credential, error) {
	groups, err := account.GroupIds()
	if err != nil {
		return nil, errors.New("cannot find the groups of the user " + account.Username)
	}
	var ids []uint32
	for _, id := range append([]string{account.Uid, account.Gid}, groups...) {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, errors.New("the user " + account.Username + " has no number")
		}
		ids = append(ids, uint32(n))
	}
	return &syscall.Credential{Uid: ids[0], Gid: ids[1], Groups: ids[2:]}, nil
}
