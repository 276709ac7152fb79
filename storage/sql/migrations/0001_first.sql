-- SPDX-License-Identifier: Apache-2.0
-- The words in capitals between two signs are in dialect.hpp. Times are seconds since 1970.

-- Numbers that only grow, also when the row with the highest one is deleted.
CREATE TABLE counter (
  name  %TEXT% PRIMARY KEY,
  value %INT%  NOT NULL
)%CLUSTERED%;
INSERT INTO counter (name, value)
  VALUES ('account', 0), ('device', 0), ('queue', 0), ('uid_validity', 0);

CREATE TABLE setting (
  name  %TEXT% PRIMARY KEY,
  value %TEXT% NOT NULL
)%CLUSTERED%;

CREATE TABLE domain (
  name       %TEXT% PRIMARY KEY,
  is_default %INT%  NOT NULL CHECK (is_default IN (0, 1)),
  created_at %INT%  NOT NULL
)%CLUSTERED%;
CREATE UNIQUE INDEX domain_default ON domain (is_default) WHERE is_default = 1;

CREATE TABLE account (
  account_id       %ID%,
  domain           %TEXT%  NOT NULL REFERENCES domain (name),
  local            %TEXT%  NOT NULL,
  display_name     %TEXT%  NOT NULL,
  rank             %INT%   NOT NULL,
  status           %INT%   NOT NULL,
  quota_bytes      %INT%   NOT NULL,
  scram_salt       %BYTES% NOT NULL,
  scram_iterations %INT%   NOT NULL,
  argon2id         %TEXT%, -- NULL: it cannot log in by its password
  stored_key       %BYTES%,
  server_key       %BYTES%,
  created_at       %INT%   NOT NULL,
  last_smtp        %INT%   NOT NULL DEFAULT 0,
  last_pop3        %INT%   NOT NULL DEFAULT 0,
  last_irc         %INT%   NOT NULL DEFAULT 0,
  last_web         %INT%   NOT NULL DEFAULT 0,
  UNIQUE (domain, local)
)%TABLE%;

CREATE TABLE alias (
  domain %TEXT% NOT NULL REFERENCES domain (name),
  local  %TEXT% NOT NULL,
  target %TEXT% NOT NULL, -- an address, here or elsewhere
  PRIMARY KEY (domain, local, target)
)%CLUSTERED%;
CREATE INDEX alias_target ON alias (target);

CREATE TABLE device_password (
  device_id    %ID%,
  account_id   %INT%   NOT NULL REFERENCES account (account_id),
  name         %TEXT%  NOT NULL,
  scope        %INT%   NOT NULL,
  sealed       %BYTES% NOT NULL,
  stored_key   %BYTES% NOT NULL,
  server_key   %BYTES% NOT NULL,
  created_at   %INT%   NOT NULL,
  last_used_at %INT%   NOT NULL DEFAULT 0,
  UNIQUE (account_id, name)
)%TABLE%;

CREATE TABLE mailbox (
  mailbox_id    %ID% REFERENCES account (account_id), -- the same number
  used_bytes    %INT% NOT NULL DEFAULT 0,
  used_messages %INT% NOT NULL DEFAULT 0,
  next_modseq   %INT% NOT NULL DEFAULT 1
)%TABLE%;

CREATE TABLE folder (
  mailbox_id   %INT%  NOT NULL REFERENCES mailbox (mailbox_id),
  folder_id    %INT%  NOT NULL, -- 1: INBOX
  name         %TEXT% NOT NULL,
  special_use  %TEXT%, -- RFC 6154 §2
  uid_validity %INT%  NOT NULL,
  next_uid     %INT%  NOT NULL DEFAULT 1, -- only grows: RFC 9051 §2.3.1.1
  PRIMARY KEY (mailbox_id, folder_id),
  UNIQUE (mailbox_id, name)
)%CLUSTERED%;

-- The text of a message, once for all its recipients.
CREATE TABLE body (
  body_id %ID%,   -- the queue id under which it came
  size    %INT% NOT NULL,
  sha256  %BYTES%, -- a file of the blob store …
  bytes   %BYTES%, -- … or the octets themselves
  CHECK ((sha256 IS NULL) <> (bytes IS NULL))
)%TABLE%;
CREATE INDEX body_sha256 ON body (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE message (
  mailbox_id    %INT%   NOT NULL,
  folder_id     %INT%   NOT NULL,
  uid           %INT%   NOT NULL,
  queue_id      %INT%, -- that it came by; NULL for a copy
  body_id       %INT%   NOT NULL REFERENCES body (body_id),
  size          %INT%   NOT NULL, -- of head and body
  internal_date %INT%   NOT NULL,
  flags         %INT%   NOT NULL DEFAULT 0,
  modseq        %INT%   NOT NULL,
  utf8          %INT%   NOT NULL,
  head          %BYTES% NOT NULL, -- header lines of ours, before those of the body
  PRIMARY KEY (mailbox_id, folder_id, uid),
  UNIQUE (mailbox_id, queue_id), -- a delivery that is tried again is no second message
  FOREIGN KEY (mailbox_id, folder_id) REFERENCES folder (mailbox_id, folder_id)
)%CLUSTERED%;
CREATE INDEX message_body ON message (body_id);

CREATE TABLE queue (
  queue_id     %ID% REFERENCES body (body_id), -- the same number
  reverse_path %TEXT%  NOT NULL, -- '' for the null path
  trace        %BYTES% NOT NULL,
  size         %INT%   NOT NULL, -- of the body
  fingerprint  %BYTES%, -- NULL: a resend would not be known
  envid        %TEXT%  NOT NULL,
  ret          %TEXT%  NOT NULL,
  utf8         %INT%   NOT NULL,
  accepted_at  %INT%   NOT NULL,
  confirmed    %INT%   NOT NULL DEFAULT 0 -- 1: the client has seen its 250
)%TABLE%;
CREATE INDEX queue_unconfirmed ON queue (fingerprint) WHERE confirmed = 0;

CREATE TABLE recipient (
  queue_id   %INT%  NOT NULL REFERENCES queue (queue_id),
  n          %INT%  NOT NULL,
  account_id %INT%  REFERENCES account (account_id), -- NULL: on another host
  address    %TEXT% NOT NULL,
  original   %TEXT% NOT NULL,
  notify     %INT%  NOT NULL, -- bits: RFC 3461 §4.1
  PRIMARY KEY (queue_id, n)
)%CLUSTERED%;
CREATE INDEX recipient_account ON recipient (account_id, queue_id);

-- What a check of the store took out of use, with all that was left of it.
CREATE TABLE quarantine (
  quarantine_id %ID%,
  moved_at      %INT%   NOT NULL,
  kind          %TEXT%  NOT NULL,
  name          %TEXT%  NOT NULL,
  reason        %TEXT%  NOT NULL,
  octets        %BYTES% NOT NULL
)%TABLE%;
