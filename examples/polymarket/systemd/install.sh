#!/bin/sh
# Installs the bot's four services for the user who runs this, or updates them, and
# starts them. Running it again changes nothing and restarts only what changed.
#
#   install.sh [--no-start]
#
# It expects the bot in ~/polymarket, its Python in ~/miniconda3/envs/polymarket, and
# polyhealth in ~/.local/bin.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
project=$HOME/polymarket
units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
services='polymarket-trader polymarket-dashboard polymarket-monitor polymarket-health'
start=yes

case $# in
0) ;;
1)
	[ "$1" = --no-start ] || {
		echo "usage: install.sh [--no-start]" >&2
		exit 64
	}
	start=no
	;;
*)
	echo "usage: install.sh [--no-start]" >&2
	exit 64
	;;
esac

warn() {
	echo "install.sh: $*" >&2
}

fail() {
	warn "$@"
	exit 1
}

[ -d "$project" ] || fail "there is no bot in $project"
for program in "$HOME/miniconda3/envs/polymarket/bin/python" "$HOME/.local/bin/polyhealth"; do
	[ -x "$program" ] || warn "there is no program $program yet"
done
[ -x /usr/bin/fuser ] || warn "there is no /usr/bin/fuser (Debian: psmisc), so port 5050 is not freed before a start"

# A systemd for the user is there after a login, or with lingering.
XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
export XDG_RUNTIME_DIR
systemctl --user show --property=Version >/dev/null ||
	fail "no systemd for $(id -un): log in as this user, or run once, as root: loginctl enable-linger $(id -un)"

# The services append their output there, and systemd opens it before they start.
mkdir -p "$project/logs" "$units"
if [ -e "$project/checks.yaml" ]; then
	: # it is the owner's
elif [ -r "$here/../checks.yaml" ]; then
	install -m 0600 "$here/../checks.yaml" "$project/checks.yaml"
else
	warn "there is no $project/checks.yaml yet"
fi

changed=
for service in $services; do
	if ! cmp -s "$here/$service.service" "$units/$service.service"; then
		install -m 0644 "$here/$service.service" "$units/$service.service"
		changed="$changed $service"
	fi
done
systemctl --user daemon-reload
# shellcheck disable=SC2086 # several names, none with a space
systemctl --user enable --quiet $services

if [ "$start" = yes ]; then
	# Those that run and were updated begin anew; then all run that did not.
	# shellcheck disable=SC2086
	[ -z "$changed" ] || systemctl --user try-restart $changed
	# shellcheck disable=SC2086
	systemctl --user start $services || fail "not all services started: see systemctl --user status 'polymarket-*'"
fi

cat <<EOF
The services are installed. See how they do with
  systemctl --user status 'polymarket-*'
  curl localhost:5051/health
  tail -f $project/logs/*.log
To have them run without a login: loginctl enable-linger
EOF
