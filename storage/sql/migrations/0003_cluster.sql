-- SPDX-License-Identifier: Apache-2.0
-- Who is in the cluster and who owns what. A store that one node uses has the same tables. Times
-- are milliseconds since 1970 by the clock of the store, and no other clock is compared with them.

-- What time it is there, in a statement.
CREATE VIEW store_clock (ms) AS SELECT %CLOCK%;

INSERT INTO counter (name, value) VALUES ('incarnation', 0);

-- Grows in each transaction that changes a node or a shard, so views are totally ordered. One row.
CREATE TABLE cluster_view (
  version %INT% NOT NULL
)%TABLE%;
INSERT INTO cluster_view (version) VALUES (0);

-- Each start of a node is a row. The rows of the dead stay as long as a shard names them.
CREATE TABLE node (
  incarnation  %ID%,
  node_id      %INT%  NOT NULL, -- the same at each start
  name         %TEXT% NOT NULL, -- of the host, as its certificate says it
  address      %TEXT% NOT NULL, -- of the node link: host:port
  wire_min     %INT%  NOT NULL,
  wire_max     %INT%  NOT NULL,
  state        %TEXT% NOT NULL CHECK (state IN ('joining', 'up', 'draining', 'dead')),
  started_at   %INT%  NOT NULL,
  heartbeat_at %INT%  NOT NULL
)%TABLE%;
CREATE INDEX node_by_id ON node (node_id);

-- An owner changes by compare-and-set alone, and the epoch grows with each change: the first
-- statement of each write of an owner asks for it.
CREATE TABLE shard (
  kind               %INT% NOT NULL, -- 1 mailbox, 2 account, 3 queue, 4 nick, 5 channel, 6 session
  number             %INT% NOT NULL,
  owner_incarnation  %INT% REFERENCES node (incarnation), -- NULL: never had one
  epoch              %INT% NOT NULL DEFAULT 0,
  target_incarnation %INT%, -- whom the owner is to hand it over to
  moved_at           %INT% NOT NULL DEFAULT 0, -- 0: has never left an owner
  PRIMARY KEY (kind, number)
)%CLUSTERED%;
CREATE INDEX shard_by_owner ON shard (owner_incarnation);

-- What holds for the cluster as a whole and never changes.
CREATE TABLE cluster_meta (
  name  %TEXT% NOT NULL PRIMARY KEY,
  value %TEXT% NOT NULL
)%CLUSTERED%;
INSERT INTO cluster_meta (name, value) VALUES ('shards', '256');

WITH RECURSIVE
  kinds (kind) AS (SELECT 1 UNION ALL SELECT kind + 1 FROM kinds WHERE kind < 6),
  numbers (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number < 255)
INSERT INTO shard (kind, number) SELECT kind, number FROM kinds CROSS JOIN numbers;
