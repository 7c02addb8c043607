package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"polyhealth/checktypes/checktest"
)

// onDisk is a file whose database is on a disk of its own, in the folder disk.
var onDisk = "server: {listen: '127.0.0.1:0'}\nstorage: {path: disk/p.db}\nchecks:\n" + canary +
	"  down: {sql: {driver: sqlite, dsn: ':memory:', query: SELECT 1}, rules: {unhealthy: value == 1}, interval: 300ms}\n"

// smallDisk mounts one at dir/disk.
func smallDisk(t *testing.T, dir string) (disk string) {
	t.Helper()
	disk = filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "mode=0700,size=1m"); err != nil {
		checktest.Skip(t, "the right to mount a tmpfs: "+err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	return disk
}

// TestFullDisk fills the disk of the database below a running daemon.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := smallDisk(t, dir)
	write(t, dir, "checks.yaml", onDisk)
	p := admit(t, dir)
	fill(t, disk)
	p.troubled(t, "no space left on device")
	if err := os.Remove(filepath.Join(disk, "ballast")); err != nil {
		t.Fatal(err)
	}
	p.writesAgain(t)
	p.survived(t, 200)
	before, _ := p.component("down")
	if code := p.stop(); code != 0 {
		t.Errorf("stopped with %d:\n%s", code, p.logged())
	}
	whole(t, filepath.Join(disk, "p.db"))
	if after, _ := start(t, dir).component("down"); after.Failures < before.Failures {
		t.Errorf("%d failures, after a restart %d", before.Failures, after.Failures)
	}
}

// TestBadDiskAtStart starts daemons on a disk that takes nothing: neither does it
// the admin socket, by default.
func TestBadDiskAtStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := smallDisk(t, dir)
	remount := func(flag uintptr) {
		t.Helper()
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|flag, ""); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "checks.yaml", onDisk)
	p := admit(t, dir)
	eventually(t, ample, "three failures", func() bool { r, _ := p.component("down"); return r.Failures >= 3 })
	for _, c := range []struct {
		trouble    string
		fail, mend func()
	}{
		{"read-only file system", func() { remount(syscall.MS_RDONLY) }, func() { remount(0) }},
		{"no space left on device", func() { fill(t, disk) }, func() { _ = os.Remove(filepath.Join(disk, "ballast")) }},
	} {
		before, _ := p.component("down")
		if code := p.stop(); code != 0 {
			t.Errorf("stopped with %d:\n%s", code, p.logged())
		}
		c.fail()
		p = admit(t, dir)
		if r, _ := p.component("down"); r.Failures < before.Failures {
			t.Errorf("%d failures, after a start on a bad disk %d", before.Failures, r.Failures)
		}
		p.troubled(t, c.trouble)
		c.mend()
		p.writesAgain(t)
		p.sings(t)
	}
	p.stop()
	whole(t, filepath.Join(disk, "p.db"))
}

// TestReloadToABadDisk: to begin with trouble is one thing, to change to it another.
func TestReloadToABadDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	disk := smallDisk(t, dir)
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "checks.yaml", checksFile(canary))
	p := admit(t, dir)
	p.replace(onDisk)
	p.refuses(t, "a read-only disk", "cannot write to the database "+filepath.Join(disk, "p.db")+": read-only file system")
	p.survived(t, 100)
}

// TestReadOnlyDisk has the kernel make a disk read-only below a running daemon, as
// it does with one that it does not trust any more.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	mkfs := checktest.Need(t, "mkfs.ext4")
	dir := t.TempDir()
	disk, image := filepath.Join(dir, "disk"), filepath.Join(dir, "image")
	write(t, dir, "image", "")
	run := func(program string, args ...string) error {
		out, err := exec.Command(program, args...).CombinedOutput()
		if err != nil {
			t.Logf("%s: %s", program, out)
		}
		return err
	}
	for _, err := range []error{os.Mkdir(disk, 0o755), os.Truncate(image, 8<<20), run(mkfs, "-q", "-F", image)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := run("mount", "-o", "loop", image, disk); err != nil {
		checktest.Skip(t, "the right to mount an image")
	}
	t.Cleanup(func() { _ = run("umount", disk) })
	write(t, dir, "checks.yaml", onDisk)
	p := admit(t, dir)
	if err := run("mount", "-o", "remount,abort", disk); err != nil {
		t.Fatal(err)
	}
	p.troubled(t, "read-only file system")
	p.survived(t, 200)
	p.kill() // and the disk can be let go of
}

// troubled waits until the log, the metrics and polyhealth status say that the
// database cannot be written, and why; and nothing else is wrong.
func (p *patient) troubled(t *testing.T, why string) {
	t.Helper()
	eventually(t, ample, "the metrics tell", func() bool { return p.metric("polyhealth_storage_up") == 0 })
	eventually(t, ample, "the log tells", func() bool {
		_, says, _ := strings.Cut(p.logged(), "cannot write to the database")
		return strings.Contains(says, why)
	})
	// The daemon may have found no place for its socket: its address does as well.
	p.write("status.yaml", strings.Replace(onDisk, "127.0.0.1:0", strings.TrimPrefix(p.base, "http://"), 1))
	out, code := p.command("status", "--config", "status.yaml", "canary")
	if _, says, _ := strings.Cut(out, "the database is in trouble"); code != 0 || !strings.Contains(says, why) {
		t.Errorf("status exits %d:\n%s", code, out)
	}
	queued := p.metric("polyhealth_storage_queued_events")
	p.sings(t)
	if now := p.metric("polyhealth_storage_queued_events"); now < queued+10 {
		t.Errorf("%d events wait, then %d", queued, now)
	}
	if r, ok := p.component("down"); !ok || r.Status.String() == "healthy" {
		t.Errorf("down is %s", r.Status)
	}
}

// writesAgain waits until the daemon has noticed that it can write, and wrote.
func (p *patient) writesAgain(t *testing.T) {
	t.Helper()
	eventually(t, 3*ample, "the metrics tell that it writes again", func() bool {
		return p.metric("polyhealth_storage_up") == 1 && p.metric("polyhealth_storage_queued_events") < 20
	})
	if n := p.metric("polyhealth_storage_dropped_events_total"); n != 0 {
		t.Errorf("%d events were dropped", n)
	}
	if !strings.Contains(p.logged(), "the database can be written again") {
		t.Errorf("the log does not tell:\n%s", p.logged())
	}
	if out, _ := p.command("status", "--config", "status.yaml"); strings.Contains(out, "trouble") {
		t.Errorf("status says\n%s", out)
	}
}

// fill leaves no room on a disk.
func fill(t *testing.T, disk string) {
	t.Helper()
	f, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 16; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
}
