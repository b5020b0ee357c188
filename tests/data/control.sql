-- The control plane of the cases, all of it made on 2026-09-21.

-- The demo's accounts, and Twin: another business account, whose slugs are partly Demo's.
INSERT INTO accounts (id, name, plan, created_at)
SELECT column1, column2, column3, 1789948800000 FROM (VALUES
  ('acc_demo', 'Demo', 'business'),
  ('acc_solo', 'Solo', 'pro'),
  ('acc_hobby', 'Hobby', 'free'),
  ('acc_empty', 'Empty', 'business'),
  ('acc_twin', 'Twin', 'business')
);

INSERT INTO projects (id, account_id, slug, name, origins, retention_days, created_at)
SELECT column1, column2, column3, column4, column5, column6, 1789948800000 FROM (VALUES
  ('prj_shop', 'acc_demo', 'shop', 'Shop', '["http://localhost:3000"]', 0),
  ('prj_blog', 'acc_demo', 'blog', 'Blog', '[]', 0),
  ('prj_solo', 'acc_solo', 'solo', 'Solo', '[]', NULL),
  ('prj_hobby', 'acc_hobby', 'hobby', 'Hobby', '[]', NULL),
  ('prj_twin_shop', 'acc_twin', 'shop', 'Twin Shop', '[]', NULL),
  ('prj_twin_short', 'acc_twin', 'short', 'Ten Days', '[]', 10)
);

-- Every key is followed by _local-development-only-secret. The hash is that secret's HMAC-SHA256
-- under the pepper of the cases, "pepper-of-the-cases".
INSERT INTO api_keys
  (prefix, kind, env, account_id, project_id, all_projects, revoked_at, secret_hash, created_at)
SELECT column1, column2, column3, column4, column5, column6, column7,
  '99b0ccbbd3d5e20b90a3bde5510d93b33fc3f32078de5d0fbcb47939f3586ed1', 1789948800000 FROM (VALUES
  -- The demo's.
  ('shoppk01', 'pk', 'live', 'acc_demo', 'prj_shop', 0, NULL),
  ('shopsk01', 'sk', 'live', 'acc_demo', 'prj_shop', 0, NULL),
  ('shoprk01', 'rk', 'live', 'acc_demo', 'prj_shop', 0, NULL),
  ('blogsk01', 'sk', 'live', 'acc_demo', 'prj_blog', 0, NULL),
  ('blogrk01', 'rk', 'live', 'acc_demo', 'prj_blog', 0, NULL),
  ('demoak01', 'ak', 'live', 'acc_demo', NULL, 1, NULL),
  ('solosk01', 'sk', 'live', 'acc_solo', 'prj_solo', 0, NULL),
  ('solork01', 'rk', 'live', 'acc_solo', 'prj_solo', 0, NULL),
  ('soloak01', 'ak', 'live', 'acc_solo', NULL, 1, NULL),
  ('hobbsk01', 'sk', 'live', 'acc_hobby', 'prj_hobby', 0, NULL),
  ('hobbrk01', 'rk', 'live', 'acc_hobby', 'prj_hobby', 0, NULL),
  ('hobbak01', 'ak', 'live', 'acc_hobby', NULL, 1, NULL),
  ('emptak01', 'ak', 'live', 'acc_empty', NULL, 1, NULL),
  -- A revoked key and a test key.
  ('shopsk02', 'sk', 'live', 'acc_demo', 'prj_shop', 0, 1790035200000),
  ('shopsk03', 'sk', 'test', 'acc_demo', 'prj_shop', 0, NULL),
  -- Account keys that see only Shop, and nothing.
  ('demoak02', 'ak', 'live', 'acc_demo', NULL, 0, NULL),
  ('demoak03', 'ak', 'live', 'acc_demo', NULL, 0, NULL),
  -- Twin's.
  ('twinsk01', 'sk', 'live', 'acc_twin', 'prj_twin_shop', 0, NULL),
  ('twinsk02', 'sk', 'live', 'acc_twin', 'prj_twin_short', 0, NULL),
  ('twinak01', 'ak', 'live', 'acc_twin', NULL, 1, NULL)
);

INSERT INTO api_key_projects (prefix, project_id) VALUES ('demoak02', 'prj_shop');
