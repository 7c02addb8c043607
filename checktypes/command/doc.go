// Package command is the check type that runs a program and looks at what it
// printed and how it ended, Nagios plugins among them.
//
// A program gets an environment of its own, with nothing of the daemon's secrets,
// a session of its own, and until the deadline to end; then it is killed. Whatever
// it began is killed too, at its end or at the deadline: a check leaves nothing
// behind. So that none escapes, on Linux a process counts as begun by a command
// when it
//
//   - is in its session or process group, or
//   - was begun by a process that is counted, or
//   - carries POLYHEALTH_PROBE=<id> in its environment, which all inherit, or
//   - still holds the command's standard output or error.
//
// That needs no privilege and meets daemons, which leave the session and outlive
// their parents. Only a process that does so, wiped its environment and closed its
// output as well can stay. Processes are killed by pidfd, once more looked at, so
// that no stranger is hit that got the number of one that ended. None is reaped but
// those that the probe began.
//
// Where polyhealth runs as process 1 of a container, processes whose parents ended
// become its children. Those that are killed are reaped, and so are those that ended
// in the command's session; others stay zombies, so have an init there.
package command

//go:generate go run polyhealth/schema/fielddocs
