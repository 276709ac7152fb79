-- SPDX-License-Identifier: Apache-2.0
-- Large texts where several nodes share a store. A node alone on SQLite has files instead, and
-- these tables are empty. Times are seconds since 1970 by the clock of the store.

INSERT INTO counter (name, value) VALUES ('blob', 0);

CREATE TABLE blob (
  sha256     %BYTES% PRIMARY KEY,
  blob_id    %INT%   NOT NULL UNIQUE,
  size       %INT%   NOT NULL,
  renewed_at %INT%   NOT NULL -- a publication of the same bytes renews it
)%CLUSTERED%;

-- One that is being written. What a dead node leaves is swept by its age.
CREATE TABLE blob_draft (
  blob_id  %ID%,
  begun_at %INT% NOT NULL
)%TABLE%;

-- 256 KiB each, but for the last.
CREATE TABLE blob_chunk (
  blob_id %INT%   NOT NULL,
  n       %INT%   NOT NULL,
  bytes   %BYTES% NOT NULL,
  PRIMARY KEY (blob_id, n)
)%CLUSTERED%;
%POSTGRES% ALTER TABLE blob_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;
