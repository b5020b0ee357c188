-- How a project's events are spread over stores: so many shards, and the generation of that layout,
-- which is part of the stores' names. While a project is resharded it has another layout: a newer
-- one that is being filled, or an older one that is being emptied.

ALTER TABLE projects ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE projects ADD COLUMN shards INTEGER NOT NULL DEFAULT 1;
ALTER TABLE projects ADD COLUMN other_generation INTEGER;
ALTER TABLE projects ADD COLUMN other_shards INTEGER;
