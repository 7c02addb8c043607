package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"time"

	"polyhealth/checktypes"
)

// A prober runs one check's statement.
type prober struct {
	config Config
	base   base
	pool   *checktypes.Lease[*stdsql.DB]
	after  time.Duration // the probe's deadline
}

func open(c Config, env checktypes.Env) (checktypes.Prober[Vars], error) {
	base, err := newBase(c, env.Dir)
	if err != nil {
		return nil, err
	}
	pool, err := acquirePool(base, c.Driver, env)
	if err != nil {
		return nil, err
	}
	return &prober{config: c, base: base, pool: pool, after: env.Timeout}, nil
}

// Probe implements checktypes.Prober.
func (p *prober) Probe(ctx context.Context, v *Vars) error {
	conn, err := p.connect(ctx)
	if err != nil {
		return p.cannotConnect(ctx, err)
	}
	answer, err := p.ask(ctx, conn)
	if err != nil {
		return p.queryFailed(ctx, err)
	}
	v.Rows, v.Count, v.Value = answer.rows, len(answer.rows), answer.value
	if v.Count > 0 {
		v.Row = v.Rows[0]
	}
	return nil
}

// Close implements checktypes.Prober.
func (p *prober) Close() error { return p.pool.Release() }

// connect is a connection in a transaction that cannot write. A kept connection
// may have died since it was last used, for which the next one is tried, and at
// last a new one.
func (p *prober) connect(ctx context.Context) (*stdsql.Conn, error) {
	for kept := p.base.keeps(); ; kept-- {
		conn, err := p.pool.Value.Conn(ctx)
		if err != nil {
			return nil, err
		}
		err = p.base.begin(ctx, conn, p.left(ctx))
		if err == nil {
			return conn, nil
		}
		release(conn, false)
		if kept == 0 || ctx.Err() != nil {
			return nil, err
		}
	}
}

// left is how long the probe may still take.
func (p *prober) left(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline)
	}
	return max(p.after, time.Second)
}

// ask runs the statement, rolls its transaction back and releases the connection.
// One that anything went wrong with is not kept.
func (p *prober) ask(ctx context.Context, conn *stdsql.Conn) (answer *answer, err error) {
	keep := false
	defer func() { release(conn, keep) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop, err := p.base.watch(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer stop()
	rows, err := conn.QueryContext(ctx, p.config.Query, p.config.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	answer, err = read(rows, &p.config)
	if err != nil {
		cancel() // else closing the rows would read all that are left
		return nil, err
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, "ROLLBACK")
	keep = err == nil
	return answer, nil
}

// release gives a connection back to its pool, or closes it.
func release(conn *stdsql.Conn, keep bool) {
	if !keep {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it
	}
	_ = conn.Close()
}
