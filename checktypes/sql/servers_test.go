package sql

import (
	"bytes"
	"context"
	stdsql "database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"polyhealth/checktypes/checktest"
)

const password = "s3cr3t/w@rd"

// A server is a real database server of this test, on loopback.
type server struct {
	name   string
	dir    string
	args   []string
	user   *syscall.SysProcAttr
	signal syscall.Signal // that stops it
	port   int
	dsn    string // of the user probe
	admin  string // of its superuser, for database/sql

	pid  int
	done chan struct{}
}

var servers struct {
	sync.Mutex
	postgres, mysql *server
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range []*server{servers.postgres, servers.mysql} {
		if s != nil {
			s.stop()
			os.RemoveAll(s.dir)
		}
	}
	os.Exit(code)
}

// postgres is the running PostgreSQL server of this package's tests.
func postgres(t *testing.T) *server {
	notShort(t)
	const bin = "/usr/lib/postgresql/*/bin"
	initdb, program := checktest.Need(t, "initdb", bin), checktest.Need(t, "postgres", bin)
	servers.Lock()
	defer servers.Unlock()
	if servers.postgres != nil {
		return servers.postgres
	}
	s := newServer(t, "postgres", "postgres")
	data, secret := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "secret")
	if err := os.WriteFile(secret, []byte(password), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run(t, initdb, "-D", data, "-U", "probe", "-A", "scram-sha-256", "--pwfile="+secret, "--locale=C.UTF-8", "-E", "UTF8", "--no-sync")
	s.args = []string{program, "-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-k", s.dir, "-F", "-c", "max_connections=40"}
	s.signal = syscall.SIGINT
	s.dsn = fmt.Sprintf("postgres://probe:s3cr3t%%2Fw%%40rd@127.0.0.1:%d/postgres", s.port)
	s.admin = s.dsn
	s.start(t)
	servers.postgres = s
	return s
}

// mariadb is the running MariaDB server of this package's tests.
func mariadb(t *testing.T) *server {
	notShort(t)
	install, program := checktest.Need(t, "mariadb-install-db"), checktest.Need(t, "mariadbd")
	servers.Lock()
	defer servers.Unlock()
	if servers.mysql != nil {
		return servers.mysql
	}
	s := newServer(t, "mysql", "mysql")
	data, socket := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "socket")
	s.run(t, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	s.args = []string{program, "--no-defaults", "--datadir=" + data, "--socket=" + socket, "--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(s.port), "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"}
	s.signal = syscall.SIGTERM
	s.admin = "root@unix(" + socket + ")/"
	s.dsn = fmt.Sprintf("probe:%s@tcp(127.0.0.1:%d)/markets", password, s.port)
	s.start(t)
	s.exec(t, "CREATE DATABASE markets", "CREATE USER probe@'%' IDENTIFIED BY '"+password+"'", "GRANT ALL ON *.* TO probe@'%'")
	servers.mysql = s
	return s
}

func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server, which -short leaves out")
	}
}

// newServer prepares a folder. As root the server runs as the user of its name, or
// as nobody, because neither wants to be root.
func newServer(t *testing.T, driver, account string) *server {
	dir, err := os.MkdirTemp("", "polyhealth-"+driver)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{name: driver, dir: dir, port: freePort(t), user: &syscall.SysProcAttr{}}
	if os.Getuid() == 0 {
		u, err := user.Lookup(account)
		if err != nil {
			u, err = user.Lookup("nobody")
		}
		if err != nil {
			checktest.Skip(t, "a user to run "+driver+" as")
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		s.user.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *server) run(t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, s.user
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// start starts the server and waits until it answers. It dies with this process.
func (s *server) start(t *testing.T) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(s.args[0], s.args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.user.Credential, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	s.done = make(chan struct{})
	go func() {
		runtime.LockOSThread() // Pdeathsig is about the thread
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
			close(s.done)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process.Pid
	db := s.open(t)
	defer db.Close()
	for deadline := time.Now().Add(30 * time.Second); ; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		err := db.PingContext(ctx)
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.stop()
			t.Fatalf("%s does not start: %v\n%s", s.name, err, log.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *server) stop() {
	syscall.Kill(s.pid, s.signal)
	select {
	case <-s.done:
	case <-time.After(20 * time.Second):
		syscall.Kill(s.pid, syscall.SIGKILL)
		<-s.done
	}
}

func (s *server) open(t *testing.T) *stdsql.DB {
	t.Helper()
	name := map[string]string{"postgres": "pgx", "mysql": "mysql"}[s.name]
	db, err := stdsql.Open(name, s.admin)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (s *server) exec(t *testing.T, statements ...string) {
	t.Helper()
	db := s.open(t)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// running counts the statements that the server runs for the user probe and that
// hold a text.
func (s *server) running(t *testing.T, text string) (n int) {
	t.Helper()
	db := s.open(t)
	defer db.Close()
	query := "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() AND query LIKE '%" + text + "%'"
	if s.name == "mysql" {
		query = "SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id() AND info LIKE '%" + text + "%'"
	}
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// freeze stops the server's processes without ending them, and returns once each of
// their threads has: until then one may still answer.
func (s *server) freeze(t *testing.T) {
	t.Helper()
	pids := s.signalAll(t, syscall.SIGSTOP)
	eventually(t, "all threads have stopped", func() bool {
		for _, pid := range pids {
			stats, _ := filepath.Glob("/proc/" + pid + "/task/*/stat")
			for _, file := range stats {
				stat, err := os.ReadFile(file)
				if _, after, _ := strings.Cut(string(stat), ") "); err == nil && !strings.HasPrefix(after, "T") && !strings.HasPrefix(after, "Z") {
					return false
				}
			}
		}
		return true
	})
}

// thaw undoes freeze.
func (s *server) thaw(t *testing.T) { s.signalAll(t, syscall.SIGCONT) }

func (s *server) signalAll(t *testing.T, signal syscall.Signal) (pids []string) {
	t.Helper()
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.pid, s.pid))
	if err != nil {
		t.Skip("needs a kernel that lists a process's children")
	}
	pids = append([]string{strconv.Itoa(s.pid)}, strings.Fields(string(children))...)
	for _, pid := range pids {
		n, _ := strconv.Atoi(pid)
		syscall.Kill(n, signal)
	}
	return pids
}
