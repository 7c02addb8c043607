-- A tiny database to try checks.yaml on: sqlite3 polymarket.db <schema.sql
-- Times are UTC, as datetime('now') or Python's isoformat() writes them.

CREATE TABLE triggers (
  id         INTEGER PRIMARY KEY,
  market     TEXT NOT NULL,
  price      REAL NOT NULL,
  created_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE INDEX triggers_at ON triggers (datetime(created_at));

CREATE TABLE orders (
  id         INTEGER PRIMARY KEY,
  market     TEXT NOT NULL,
  side       TEXT NOT NULL CHECK (side IN ('BUY', 'SELL')),
  size       REAL NOT NULL,
  created_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE INDEX orders_at ON orders (datetime(created_at));

-- What the bot's own programs read of its health. polyhealth keeps a table of
-- this shape, always current, in its own database (storage.path).
CREATE TABLE service_health (
  service_name         TEXT PRIMARY KEY NOT NULL,
  status               TEXT NOT NULL,
  last_check           TEXT,
  last_success         TEXT,
  consecutive_failures INTEGER NOT NULL DEFAULT 0,
  error_message        TEXT,
  metadata             TEXT NOT NULL DEFAULT '{}'
);

INSERT INTO triggers (market, price, created_at) VALUES
  ('rain-tomorrow', 0.41, datetime('now', '-10 minutes')),
  ('rain-tomorrow', 0.44, datetime('now', '-50 minutes')),
  ('rain-tomorrow', 0.39, datetime('now', '-3 hours'));
INSERT INTO orders (market, side, size, created_at) VALUES
  ('rain-tomorrow', 'BUY', 25, datetime('now', '-9 minutes')),
  ('rain-tomorrow', 'SELL', 25, datetime('now', '-2 days'));
