package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"polyhealth/checktypes/checktest"
)

// A postgres is a real server of this test, on loopback, and its folder.
type postgres struct {
	t    *testing.T
	as   *syscall.SysProcAttr // root may not be a server
	dir  string
	port string
	stop func()
}

const ownersPassword, monitorsPassword = "the owner's", "s3cr3t/w@rd"

// newPostgres prepares a folder for a server.
func newPostgres(t *testing.T) *postgres {
	t.Helper()
	dir, err := os.MkdirTemp("", "polyhealth-postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &postgres{t: t, as: &syscall.SysProcAttr{}, dir: dir, port: freePort(t)}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			checktest.Skip(t, "the user postgres")
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		p.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

// command is one of PostgreSQL's programs, as the server's user and its owner.
func (p *postgres) command(name string, args ...string) *exec.Cmd {
	p.t.Helper()
	cmd := exec.Command(checktest.Need(p.t, name, "/usr/lib/postgresql/*/bin"), args...)
	cmd.Dir, cmd.SysProcAttr = p.dir, p.as
	cmd.Env = append(os.Environ(), "PGHOST=127.0.0.1", "PGPORT="+p.port, "PGUSER=owner", "PGDATABASE=postgres", "PGPASSWORD="+ownersPassword)
	return cmd
}

func (p *postgres) run(name string, args ...string) {
	p.t.Helper()
	if out, err := p.command(name, args...).CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// tell runs statements, each in a transaction of its own.
func (p *postgres) tell(statements ...string) {
	p.t.Helper()
	for _, s := range statements {
		p.run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command="+s)
	}
}

// hold runs a statement over a connection of its own, which stays until let go. It
// tries again: the connection of a probe that is over may take a moment to end.
func (p *postgres) hold(statement string) (letGo func()) {
	p.t.Helper()
	eventually(p.t, patience, "a connection to PostgreSQL", func() bool {
		letGo = p.connect(statement)
		return letGo != nil
	})
	p.t.Cleanup(letGo)
	return letGo
}

// connect is one try of hold, nil where it fails.
func (p *postgres) connect(statement string) (letGo func()) {
	p.t.Helper()
	cmd := p.command("psql", "--no-psqlrc", "--quiet")
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		p.t.Fatal(err)
	}
	letGo = sync.OnceFunc(func() { in.Close(); _ = cmd.Wait() })
	fmt.Fprintf(in, "%s;\n\\echo held\n", statement)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "held" {
			return letGo
		}
	}
	letGo()
	return nil
}

// start starts the server and waits until it answers. It dies with this process.
func (p *postgres) start() {
	p.t.Helper()
	var log bytes.Buffer
	cmd := p.command("postgres", "-D", p.data(), "-h", "127.0.0.1", "-p", p.port, "-k", p.dir, "-F",
		"-c", "max_connections=40", "-c", "superuser_reserved_connections=0")
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as.Credential, Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // Pdeathsig is about the thread
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		p.t.Fatal(err)
	}
	p.stop = func() { _ = cmd.Process.Signal(syscall.SIGINT); <-ended }
	p.t.Cleanup(func() { p.stop() })
	eventually(p.t, patience, "PostgreSQL answers", func() bool {
		select {
		case <-ended:
			p.t.Fatalf("PostgreSQL does not start:\n%s", log.String())
		default:
		}
		return p.command("psql", "--command=SELECT 1").Run() == nil
	})
}

// primary is a new server, with the role that postgresql.yaml tells to make.
func primary(t *testing.T) *postgres {
	t.Helper()
	p := newPostgres(t)
	secret := filepath.Join(p.dir, "secret")
	if err := os.WriteFile(secret, []byte(ownersPassword), 0o644); err != nil {
		t.Fatal(err)
	}
	p.run("initdb", "-D", p.data(), "-U", "owner", "-A", "scram-sha-256", "--pwfile="+secret, "--locale=C.UTF-8", "--no-sync")
	p.start()
	text, err := os.ReadFile("../../examples/postgresql.yaml")
	role := regexp.MustCompile(`(?m)^#   (CREATE ROLE .*)$`).FindSubmatch(text)
	if role == nil {
		t.Fatalf("postgresql.yaml tells of no role (%v)", err)
	}
	p.tell(strings.Replace(string(role[1]), "…", monitorsPassword, 1))
	return p
}

// standby is a new server that follows p.
func (p *postgres) standby() *postgres {
	p.t.Helper()
	s := newPostgres(p.t)
	p.as, s.as = s.as, p.as
	copying := p.command("pg_basebackup", "-D", s.data(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
	copying.Dir = s.dir
	if out, err := copying.CombinedOutput(); err != nil {
		p.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	s.start()
	return s
}

// The three checks of postgresql.yaml.
const (
	connections = "postgres/connections"
	transaction = "postgres/longest-transaction"
	replication = "postgres/replication"
)

func TestExamplePostgreSQL(t *testing.T) {
	e := exampleOf(t, "postgresql.yaml")
	p := primary(t)
	e.edit("localhost:5432", "127.0.0.1:"+p.port)
	e.env = []string{"PGPASSWORD=" + monitorsPassword}
	e.finds(connections+" healthy [1-3] of 40 connections", transaction+" healthy longest transaction: 0s",
		replication+" unhealthy 0 standbys, .*")
	e.followsStandby(p)
	e.followsTransaction(p)
	e.countsConnections(p)
	p.stop()
	e.finds(connections+" unhealthy .*connection refused.*", transaction+" unhealthy .*connection refused.*",
		replication+" unhealthy .*connection refused.*")
}

// followsStandby lets a standby come, lag behind, catch up and go.
func (e *example) followsStandby(p *postgres) {
	e.t.Helper()
	s := p.standby()
	e.finds(replication + " healthy 1 standbys, up to [0-9]{1,4} bytes behind")
	s.tell("SELECT pg_wal_replay_pause()")
	for range 5 { // segments of 16 MiB
		p.tell("SELECT txid_current()", "SELECT pg_switch_wal()")
	}
	e.finds(replication + " degraded 1 standbys, up to [678][0-9]{7} bytes behind")
	s.tell("SELECT pg_wal_replay_resume()")
	e.finds(replication + " healthy 1 standbys, up to [0-9]+ bytes behind")
	s.stop()
	e.finds(replication + " unhealthy 0 standbys, .*")
}

// followsTransaction leaves a transaction open for a while.
func (e *example) followsTransaction(p *postgres) {
	e.t.Helper()
	end := p.hold("BEGIN; SELECT 1")
	e.finds(transaction + " healthy longest transaction: [0-9]+s")
	e.edit("> 600", "> 0")
	e.finds(transaction + " degraded longest transaction: [1-9][0-9]*s")
	end()
	e.finds(transaction + " healthy longest transaction: 0s")
}

// countsConnections takes the server's connections, of which the check's is one.
func (e *example) countsConnections(p *postgres) {
	e.t.Helper()
	held := 0
	hold := func(n int) {
		for ; held < n; held++ {
			p.hold("SELECT 1")
		}
	}
	hold(31)
	e.finds(connections + " healthy 32 of 40 connections")
	hold(32)
	found := e.finds(connections + " degraded 33 of 40 connections")
	if n := value[int](e.t, found[connections], "used"); n != 33 {
		e.t.Errorf("used is %d", n)
	}
	hold(38)
	e.finds(connections + " unhealthy 39 of 40 connections")
	hold(40)
	e.finds(connections+" unhealthy .*too many clients.*", transaction+" unhealthy .*too many clients.*")
}

func TestExamplePostgreSQLPassword(t *testing.T) {
	e := exampleOf(t, "postgresql.yaml")
	p := primary(t)
	e.edit("localhost:5432", "127.0.0.1:"+p.port)
	e.env = []string{"PGPASSWORD=guessed"}
	e.finds(`postgres/connections unhealthy .*password authentication failed for user "monitor".*`)

	passfile := filepath.Join(t.TempDir(), ".pgpass")
	if err := os.WriteFile(passfile, []byte("127.0.0.1:*:*:monitor:"+monitorsPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e.env = []string{"PGPASSWORD=", "HOME=" + filepath.Dir(passfile)}
	e.finds("postgres/connections healthy .* of 40 connections")
}
