package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlBase asks a MySQL or MariaDB server.
type mysqlBase struct {
	driver.Connector
	config *mysql.Config
}

func newMySQL(dsn string) (*mysqlBase, error) {
	config, err := parseMySQL(dsn)
	if err != nil {
		return nil, errors.New(mysqlProblem(err))
	}
	config.ParseTime = true
	config.MultiStatements = false
	config.AllowAllFiles = false  // a server must not read files of this machine
	config.RejectReadOnly = false // being refused to write is an answer
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	return &mysqlBase{connector, config}, err
}

// parseMySQL reads the driver's own form, and URLs, which it does not know.
func parseMySQL(dsn string) (*mysql.Config, error) {
	_, rest, ok := cutScheme(dsn)
	if !ok {
		return mysql.ParseDSN(dsn)
	}
	authority, path, _ := strings.Cut(rest, "/")
	user, host := "", authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, host = authority[:at], authority[at+1:]
	}
	if strings.ContainsAny(host, "()/?#") || !strings.HasPrefix(host, "[") && strings.Count(host, ":") > 1 {
		return nil, errors.New("the URL's host and port cannot be read")
	}
	server := ""
	if host != "" {
		server = "tcp(" + host + ")"
	}
	config, err := mysql.ParseDSN(server + "/" + path)
	if err != nil {
		return nil, err
	}
	name, password, _ := strings.Cut(user, ":")
	config.User, config.Passwd = unescape(name), unescape(password)
	return config, nil
}

func checkMySQL(dsn string) string {
	if _, err := parseMySQL(dsn); err != nil {
		return mysqlProblem(err)
	}
	return ""
}

// mysqlProblem words a DSN's mistake. The driver does not quote what may be secret.
func mysqlProblem(err error) string {
	return "the dsn is not right for MySQL: " + oneLine(strings.TrimPrefix(err.Error(), "invalid DSN: "))
}

func (b *mysqlBase) key() string     { return b.config.FormatDSN() }
func (b *mysqlBase) keeps() int      { return 2 }
func (b *mysqlBase) address() string { return b.config.Addr }

// Connect makes every transaction of the connection read-only, also one that a
// procedure begins after it has ended ours.
func (b *mysqlBase) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY", nil); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// begin also tells the server how long a statement may take, in MariaDB's words and
// in MySQL's, each of which takes the other's for a comment: closing the connection
// does not end a statement that waits.
func (b *mysqlBase) begin(ctx context.Context, conn *stdsql.Conn, left time.Duration) error {
	ms := max(left.Milliseconds(), 1)
	_, err := conn.ExecContext(ctx, fmt.Sprintf(
		"SET @polyhealth = 1 /*M!100101 , SESSION max_statement_time = %d.%03d */ /*!50708 , SESSION max_execution_time = %d */",
		ms/1000, ms%1000, ms))
	if err == nil {
		_, err = conn.ExecContext(ctx, "START TRANSACTION READ ONLY")
	}
	return err
}

// watch has nothing to do: when ctx ends, the driver closes the connection.
func (b *mysqlBase) watch(context.Context, *stdsql.Conn) (func(), error) { return func() {}, nil }

func (b *mysqlBase) explain(err error) (text string, ok bool) {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Message, true
	}
	if errors.Is(err, mysql.ErrInvalidConn) {
		return closedConnection, true
	}
	return "", false
}

// timedOut knows MySQL's and MariaDB's number of a statement that took too long.
func (b *mysqlBase) timedOut(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && (e.Number == 3024 || e.Number == 1969)
}
