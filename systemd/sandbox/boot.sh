#!/bin/sh
# The first program of the sandbox: PID 1 of new mount, pid, network, ipc, uts and
# cgroup namespaces. It makes a copy of this machine and becomes its systemd.
#   boot.sh FOLDER KEEP    FOLDER is empty and ours; KEEP is bound through
set -eu
folder=$1 keep=$2

mount --make-rprivate /
mount -t tmpfs -o mode=755 sandbox "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
cd "$folder/root"

mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys # most of it is the host's
mount -t sysfs -o ro sysfs sys
mountpoint -q sys/fs/cgroup || mount -t tmpfs tmpfs sys/fs # a folder for the next line
mkdir -p sys/fs/cgroup
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp

# A /dev of its own: journald would leave /dev/log on the host's.
mount -t tmpfs -o mode=755 dev dev
for node in null zero full random urandom tty; do
	: >dev/$node
	mount --bind /dev/$node dev/$node
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr

mkdir -p ".$keep" mnt
mount --bind "$keep" ".$keep"

# Nothing of what this machine has enabled is started.
: >etc/fstab
: >etc/machine-id
rm -rf etc/systemd/system/*.wants etc/systemd/system/*.requires
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-timesyncd.service \
	systemd-resolved.service systemd-networkd.service systemd-remount-fs.service \
	systemd-sysctl.service systemd-modules-load.service systemd-binfmt.service \
	systemd-random-seed.service console-getty.service getty@.service \
	proc-sys-fs-binfmt_misc.automount; do
	ln -sf /dev/null etc/systemd/system/$unit
done
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target

mkdir -p etc/tmpfiles.d
ln -sf /dev/null etc/tmpfiles.d/tmp.conf # /tmp is empty but for what is kept

pivot_root . mnt
umount -l /mnt
for systemd in /usr/lib/systemd/systemd /lib/systemd/systemd; do
	[ ! -x "$systemd" ] || container=sandbox exec "$systemd" --system --log-target=null
done
echo "there is no systemd" >&2
exit 1
