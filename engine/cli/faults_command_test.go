package cli

import "testing"

// commandFaults are all of the shell, or of no program at all.
func commandFaults(t *testing.T, dir string) []fault {
	t.Helper()
	write(t, dir, "plain.txt", "no program")
	sh := func(script string) string { return `command: {shell: "` + script + `"}` }
	return []fault{
		{"cmd-gigabyte", "command: [head, -c, 1G, /dev/zero], timeout: 1m, interval: 1m", "healthy", ""},
		{"cmd-endless", "command: [cat, /dev/zero], timeout: 900ms", "unhealthy", "timed out after 900ms"},
		{"cmd-binary", sh(`printf 'a\\000b\\377c'`) + `, rules: {healthy: 'stdout == "a\ufffdb\ufffdc"'}, message: "{{ stdout }}"`, "healthy", "a\ufffdb\ufffdc"},
		{"cmd-missing", "command: [no-such-program]", "unknown", "no such program: no-such-program"},
		{"cmd-plain", "command: [./plain.txt]", "unknown", "it is not executable"},
		{"cmd-killed", sh(`kill -9 $$$$`), "unhealthy", "SIGKILL"},
		{"cmd-stubborn", sh(`trap '' TERM INT HUP; while :; do sleep 100; done`) + ", timeout: 900ms", "unhealthy", "timed out after 900ms"},
		{"cmd-forks", sh(`sleep 100 & sleep 100`) + ", timeout: 900ms", "unhealthy", "timed out after 900ms"},
		{"cmd-setsid", sh(`setsid sleep 100 & sleep 100`) + ", timeout: 900ms", "unhealthy", "timed out after 900ms"},
		{"cmd-leaves", sh(`setsid sleep 100 & sleep 100 & echo left`), "healthy", ""},
		{"cmd-orphans", sh(`(setsid sh -c 'sleep 100 & sleep 100' &) ; echo left`), "healthy", ""},
	}
}
