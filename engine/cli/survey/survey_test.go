package survey

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polyhealth/checktypes/systemd"
	"polyhealth/engine/cli/draft"
)

// files writes a folder's files.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// row is a line of /proc/net/tcp.
func row(address, state, inode string) string {
	return "   0: " + address + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000  0  0 " + inode + " 1 0 100 0 0 10 0\n"
}

func TestListeners(t *testing.T) {
	const six = "00000000000000000000000000000000"
	proc := files(t, map[string]string{
		"net/tcp": "  sl  local_address rem_address   st\n" +
			row("0100007F:1538", "0A", "11") + // 127.0.0.1:5432
			row("00000000:0050", "0A", "12") + // 0.0.0.0:80
			row("0100007F:C001", "01", "13") + // a connection
			row("0A00A8C0:0016", "0A", "14") + // 192.168.0.10:22
			row("0500A8C0:1F90", "0A", "15") + row("0100007F:1F90", "0A", "16") + // 8080 of two addresses
			"nonsense\n" + row("XX:YY", "0A", "17"),
		"net/tcp6": row(six+":0050", "0A", "18") + row("0000000000000000FFFF00000100007F:2382", "0A", "19") + // ::ffff:127.0.0.1:9090
			row("B80D0120000000000000000001000000:1F91", "0A", "20"), // 2001:db8::1:8081
		"7/comm": "postgres\n", "8/comm": "nginx\n", "7/fd/none": "",
	})
	for path, inode := range map[string]string{"7/fd/3": "11", "8/fd/6": "12", "8/fd/7": "16"} {
		_ = os.MkdirAll(filepath.Dir(filepath.Join(proc, path)), 0o755)
		if err := os.Symlink("socket:["+inode+"]", filepath.Join(proc, path)); err != nil {
			t.Fatal(err)
		}
	}
	at := netip.MustParseAddr
	want := []Listener{
		{Port: 22, Address: at("192.168.0.10"), Public: true},
		{Port: 80, Address: at("127.0.0.1"), Public: true, Program: "nginx"},
		{Port: 5432, Address: at("127.0.0.1"), Program: "postgres"},
		{Port: 8080, Address: at("127.0.0.1"), Public: true, Program: "nginx"},
		{Port: 8081, Address: at("2001:db8::1"), Public: true},
		{Port: 9090, Address: at("127.0.0.1")},
	}
	if got := Listeners(proc); !slices.Equal(got, want) {
		t.Errorf("found\n%+v\nwant\n%+v", got, want)
	}
	if got := Listeners(t.TempDir()); got != nil {
		t.Errorf("found %v where there is no /proc", got)
	}
}

// The real one, on a port of this very process.
func TestOwnListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	want := Listener{Port: l.Addr().(*net.TCPAddr).Port, Address: netip.MustParseAddr("127.0.0.1"), Program: strings.TrimSpace(string(comm))}
	if got := Listeners("/proc"); !slices.Contains(got, want) {
		t.Errorf("%+v is not among\n%+v", want, got)
	}
}

func TestMounts(t *testing.T) {
	proc := files(t, map[string]string{"self/mounts": `proc /proc proc rw 0 0
/dev/vda1 / ext4 rw,relatime 0 0
/dev/vda1 /var/lib/docker ext4 rw 0 0
/dev/vda2 /boot ext4 rw 0 0
/dev/vdb /srv/my\040data xfs rw 0 0
/dev/loop0 /snap/core squashfs ro 0 0
/dev/vdc /mnt/archive ext4 ro,relatime 0 0
tmpfs /run tmpfs rw 0 0
overlay /var/lib/docker/overlay2/x overlay rw 0 0
odd
`})
	want := []Mount{{"/", "ext4"}, {"/srv/my data", "xfs"}}
	if got := Mounts(proc); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if got := Mounts(t.TempDir()); !slices.Equal(got, []Mount{{Path: "/"}}) {
		t.Errorf("found %v where there is no /proc", got)
	}
}

func TestDatabases(t *testing.T) {
	root := files(t, map[string]string{"run/postgresql/.s.PGSQL.5432": ""})
	got := Databases(root, []Listener{{Port: 3306}, {Port: 5432}})
	want := []Database{
		{"postgres", "PostgreSQL", root + "/run/postgresql/.s.PGSQL.5432", "host=" + root + "/run/postgresql user=polyhealth dbname=postgres"},
		{"mysql", "MySQL or MariaDB", "port 3306", "polyhealth:${MYSQL_PASSWORD}@tcp(127.0.0.1:3306)/"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%v\nwant\n%v", got, want)
	}
	if got := Databases(t.TempDir(), nil); got != nil {
		t.Errorf("found %v where there is none", got)
	}
}

func TestProbe(t *testing.T) {
	var asked []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusMovedPermanently)
	}))
	defer web.Close()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	go func() {
		for {
			conn, err := other.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, "220 mail.example.org ESMTP\r\n")
			conn.Close()
		}
	}()
	loopback, abroad := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.1")
	m := &Machine{Listeners: []Listener{
		{Port: web.Listener.Addr().(*net.TCPAddr).Port, Address: loopback},
		{Port: other.Addr().(*net.TCPAddr).Port, Address: loopback},
		{Port: 80, Address: abroad},
	}}
	m.Probe(t.Context())
	if a := m.Listeners[0].Answer; a != (Answer{301, web.URL + "/"}) || !slices.Equal(asked, []string{"GET /"}) {
		t.Errorf("answered %v to %v", a, asked)
	}
	if a := m.Listeners[1].Answer; a.Status != 0 || a.URL == "" {
		t.Errorf("mail answered %v", a)
	}
	if a := m.Listeners[2].Answer; a != (Answer{}) {
		t.Errorf("somebody else was asked: %v", a)
	}
}

func TestDraft(t *testing.T) {
	at := netip.MustParseAddr("127.0.0.1")
	m := &Machine{
		Services: []systemd.Service{
			{ID: "backup.timer", Description: "Backup", Failed: true, Result: "resources"},
			{ID: "by-hand.service", Description: "not enabled"},
			{ID: "nginx.service", Description: "A web server", Enabled: true},
			{ID: "systemd-journald.service", Enabled: true},
			{ID: "systemd-resolved.service", Description: "Names", Failed: true, Result: "exit-code", Enabled: true},
		},
		Listeners: []Listener{
			{Port: 22, Address: at, Public: true, Program: "sshd"},
			{Port: 443, Address: at, Public: true, Program: "nginx", Answer: Answer{200, "https://127.0.0.1/"}},
			{Port: 3000, Address: at, Program: "grafana", Answer: Answer{302, "http://127.0.0.1:3000/"}},
			{Port: 5051, Address: at, Public: true, Program: "polyhealth"},
			{Port: 8080, Address: at},
			{Port: 9000, Address: at, Answer: Answer{404, "http://127.0.0.1:9000/"}},
		},
		Mounts:    []Mount{{"/", "ext4"}, {"/srv/my data", ""}},
		Databases: []Database{{"postgres", "PostgreSQL", "port 5432", "postgres://polyhealth:${POSTGRES_PASSWORD}@127.0.0.1:5432/postgres"}},
	}
	text, _ := m.Draft().Write()
	want, err := os.ReadFile("testdata/machine.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("drafted\n%s\nwant\n%s", text, want)
	}
	var none *draft.Map = (&Machine{NoSystemd: os.ErrNotExist}).Draft()
	if text, _ := none.Write(); !strings.Contains(text, "  # no systemd units: file does not exist\n") {
		t.Errorf("it does not say that there is no systemd:\n%s", text)
	}
}
