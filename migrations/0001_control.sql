-- The control plane: who owns what, and which keys open it. Times are milliseconds since 1970, UTC.

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  plan TEXT NOT NULL CHECK (plan IN ('free', 'pro', 'business')),
  created_at INTEGER NOT NULL
);

CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  origins TEXT NOT NULL DEFAULT '[]', -- a JSON array of the origins that pk keys may send from
  retention_days INTEGER,             -- 0: for ever; NULL: the plan's
  created_at INTEGER NOT NULL,
  UNIQUE (account_id, slug)
);

CREATE TABLE api_keys (
  prefix TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('pk', 'sk', 'rk', 'ak')),
  env TEXT NOT NULL CHECK (env IN ('live', 'test')),
  secret_hash TEXT NOT NULL,               -- lower-case hex of HMAC-SHA256(pepper, secret)
  account_id TEXT NOT NULL REFERENCES accounts (id),
  project_id TEXT REFERENCES projects (id), -- NULL for ak keys
  all_projects INTEGER NOT NULL DEFAULT 0,  -- 1: an ak key that sees every project of its account
  label TEXT,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
);

-- The projects of an ak key that does not see all of them.
CREATE TABLE api_key_projects (
  prefix TEXT NOT NULL REFERENCES api_keys (prefix),
  project_id TEXT NOT NULL REFERENCES projects (id),
  PRIMARY KEY (prefix, project_id)
);
