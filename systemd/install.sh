#!/bin/sh
# Installs polyhealth as a service, or updates it; running it again changes nothing.
#
#   install.sh [--user] [--binary FILE] [--config FILE] [--no-start]
#
#   --user         for the user who runs this, below ~; else for the machine, as root
#   --binary FILE  the program, default: polyhealth beside this folder, built there
#                  with `make build`
#   --config FILE  the first checks.yaml; an installed one is never replaced
#   --no-start     install and enable only
set -eu

here=$(cd "$(dirname "$0")" && pwd)
scope=system binary=$here/../polyhealth config=$here/checks.yaml start=yes

usage() {
	sed -n '2,/^set -eu$/{/^set -eu$/d;s/^# \{0,1\}//;p;}' "$0"
}

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

while [ $# -gt 0 ]; do
	case $1 in
	--user) scope=user ;;
	--binary | --config)
		[ $# -gt 1 ] || fail "$1 needs a file"
		case $1 in --binary) binary=$2 ;; *) config=$2 ;; esac
		shift
		;;
	--no-start) start=no ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 64
		;;
	esac
	shift
done

[ -x "$binary" ] || fail "there is no program $binary: run make build first, or give --binary FILE"
[ -r "$config" ] || fail "there is no file $config"

if [ "$scope" = system ]; then
	[ "$(id -u)" = 0 ] || fail "a service of the machine needs root; for one of your own, add --user"
	bin=/usr/local/bin etc=/etc/polyhealth units=/etc/systemd/system
	unit=$here/polyhealth.service
	ctl() { systemctl "$@"; }
else
	bin=$HOME/.local/bin etc=${XDG_CONFIG_HOME:-$HOME/.config}/polyhealth
	units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
	unit=$here/user/polyhealth.service
	XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
	export XDG_RUNTIME_DIR
	ctl() { systemctl --user "$@"; }
	[ "$etc" = "$HOME/.config/polyhealth" ] || fail "the service reads ~/.config/polyhealth, but XDG_CONFIG_HOME is $XDG_CONFIG_HOME"
fi

# put MODE FILE TARGET copies where the target differs, and remembers that it did.
changed=no
put() {
	if ! cmp -s "$2" "$3"; then
		install -D -m "$1" "$2" "$3.new"
		mv -f "$3.new" "$3"
		changed=yes
	fi
}

put 0755 "$binary" "$bin/polyhealth"
put 0644 "$unit" "$units/polyhealth.service"

if [ "$scope" = system ]; then
	id -u polyhealth >/dev/null 2>&1 || systemd-sysusers "$here/polyhealth.sysusers"
	mkdir -p "$etc"
	if [ ! -e "$etc/checks.yaml" ]; then
		install -m 0640 -g polyhealth "$config" "$etc/checks.yaml"
	fi
else
	mkdir -p "$etc"
	[ -e "$etc/checks.yaml" ] || install -m 0600 "$config" "$etc/checks.yaml"
fi

ctl daemon-reload || fail "systemd does not answer; for --user, is $(id -un) logged in, or lingering (loginctl enable-linger)?"
ctl enable --quiet polyhealth.service
if [ "$start" = yes ] && [ "$changed" = yes ]; then
	ctl restart polyhealth.service
elif [ "$start" = yes ]; then
	ctl start polyhealth.service
fi

flag=
[ "$scope" = system ] || flag=" --user"
echo "polyhealth is installed. Its checks are in $etc/checks.yaml; see how it does with"
echo "  systemctl$flag status polyhealth"
echo "  $bin/polyhealth status --config $etc/checks.yaml"
[ "$scope" = system ] || echo "To have it run without a login: loginctl enable-linger"
