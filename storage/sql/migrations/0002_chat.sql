-- SPDX-License-Identifier: Apache-2.0
-- Chat. Times are milliseconds since 1970 and their columns end in _ms. Names come folded: nothing
-- here folds case.

INSERT INTO counter (name, value) VALUES ('channel', 0), ('chat_filter', 0), ('oper_audit', 0);

-- What was said and what happened, by conversation. Messages lie apart from the rest, so that a
-- thousand joins between two of them cost nobody anything who asks for messages.
CREATE TABLE chat_event (
  target          %TEXT%  NOT NULL,
  is_message      %INT%   NOT NULL CHECK (is_message IN (0, 1)), -- 0 also for a redacted one
  time_ms         %INT%   NOT NULL,
  event_id        %INT%   NOT NULL, -- its text form is the msgid
  kind            %INT%   NOT NULL,
  sender_account  %INT%,            -- no reference: it outlives the account, whose number is not
                                    -- given again
  sender          %TEXT%  NOT NULL,
  text            %TEXT%  NOT NULL,
  redacted_by     %TEXT%,
  redacted_reason %TEXT%,
  redacted_ms     %INT%,
  event           %BYTES% NOT NULL, -- last: a search does not read it
  PRIMARY KEY (target, is_message, time_ms, event_id)
)%CLUSTERED%;
CREATE UNIQUE INDEX chat_event_id ON chat_event (event_id, target);

-- The direct conversations of an account: both parties have a row.
CREATE TABLE chat_direct (
  account_id %INT%  NOT NULL REFERENCES account (account_id),
  target     %TEXT% NOT NULL,
  PRIMARY KEY (account_id, target)
)%CLUSTERED%;
CREATE INDEX chat_direct_target ON chat_direct (target);

CREATE TABLE channel (
  channel_id      %ID%,
  target          %TEXT% NOT NULL UNIQUE, -- of its events
  name            %TEXT% NOT NULL,
  folded          %TEXT% NOT NULL UNIQUE,
  founder_account %INT%  REFERENCES account (account_id), -- NULL: nobody
  created_ms      %INT%  NOT NULL,
  last_used_ms    %INT%  NOT NULL,
  topic           %TEXT% NOT NULL,
  topic_setter    %TEXT% NOT NULL,
  topic_ms        %INT%  NOT NULL, -- 0: there is none
  modes           %TEXT% NOT NULL, -- letters
  join_key        %TEXT% NOT NULL,
  user_limit      %INT%  NOT NULL, -- 0: none
  forward         %TEXT% NOT NULL,
  flood           %TEXT% NOT NULL,
  retention_days  %INT%  NOT NULL, -- of its events; 0: the default
  description     %TEXT% NOT NULL
)%TABLE%;
CREATE INDEX channel_founder ON channel (founder_account);
CREATE INDEX channel_used ON channel (last_used_ms);

CREATE TABLE channel_access (
  channel_id %INT%  NOT NULL REFERENCES channel (channel_id),
  account_id %INT%  NOT NULL REFERENCES account (account_id),
  level      %INT%  NOT NULL,
  flags      %TEXT% NOT NULL,
  setter     %TEXT% NOT NULL,
  set_ms     %INT%  NOT NULL,
  PRIMARY KEY (channel_id, account_id)
)%CLUSTERED%;
CREATE INDEX channel_access_account ON channel_access (account_id);

CREATE TABLE channel_list (
  channel_id %INT%  NOT NULL REFERENCES channel (channel_id),
  kind       %TEXT% NOT NULL, -- the letter of the mode: b, e, I
  mask       %TEXT% NOT NULL,
  setter     %TEXT% NOT NULL,
  set_ms     %INT%  NOT NULL,
  PRIMARY KEY (channel_id, kind, mask)
)%CLUSTERED%;

CREATE TABLE chat_nick (
  folded     %TEXT% PRIMARY KEY,
  nick       %TEXT% NOT NULL,
  skeleton   %TEXT% NOT NULL, -- equal for names that look alike
  account_id %INT%  NOT NULL REFERENCES account (account_id),
  added_ms   %INT%  NOT NULL,
  used_ms    %INT%  NOT NULL
)%CLUSTERED%;
CREATE INDEX chat_nick_account ON chat_nick (account_id);
CREATE INDEX chat_nick_skeleton ON chat_nick (skeleton);

CREATE TABLE chat_certificate (
  fingerprint %TEXT% PRIMARY KEY,
  account_id  %INT%  NOT NULL REFERENCES account (account_id),
  name        %TEXT% NOT NULL,
  added_ms    %INT%  NOT NULL
)%CLUSTERED%;
CREATE INDEX chat_certificate_account ON chat_certificate (account_id);

CREATE TABLE chat_setting (
  account_id %INT%  NOT NULL REFERENCES account (account_id),
  name       %TEXT% NOT NULL,
  value      %TEXT% NOT NULL,
  PRIMARY KEY (account_id, name)
)%CLUSTERED%;

CREATE TABLE chat_metadata (
  owner %TEXT% NOT NULL, -- "a" or "c" and the number of an account or channel
  name  %TEXT% NOT NULL,
  value %TEXT% NOT NULL,
  PRIMARY KEY (owner, name)
)%CLUSTERED%;

-- Up to where an account has read.
CREATE TABLE chat_marker (
  account_id %INT%  NOT NULL REFERENCES account (account_id),
  target     %TEXT% NOT NULL,
  time_ms    %INT%  NOT NULL,
  PRIMARY KEY (account_id, target)
)%CLUSTERED%;

-- Those who stay when their last connection goes.
CREATE TABLE chat_session (
  account_id   %ID%    REFERENCES account (account_id), -- the same number
  nick         %TEXT%  NOT NULL,
  username     %TEXT%  NOT NULL,
  realname     %TEXT%  NOT NULL,
  user_modes   %TEXT%  NOT NULL,
  away         %TEXT%  NOT NULL,
  channels     %BYTES% NOT NULL,
  last_seen_ms %INT%   NOT NULL
)%TABLE%;

CREATE TABLE network_ban (
  kind        %INT%  NOT NULL,
  mask        %TEXT% NOT NULL,
  reason      %TEXT% NOT NULL,
  oper_reason %TEXT% NOT NULL,
  setter      %TEXT% NOT NULL,
  set_ms      %INT%  NOT NULL,
  expires_ms  %INT%, -- NULL: never
  PRIMARY KEY (kind, mask)
)%CLUSTERED%;

CREATE TABLE chat_filter (
  filter_id   %ID%,
  pattern     %TEXT% NOT NULL,
  targets     %INT%  NOT NULL, -- bits
  action      %INT%  NOT NULL,
  duration_ms %INT%  NOT NULL,
  reason      %TEXT% NOT NULL,
  setter      %TEXT% NOT NULL,
  set_ms      %INT%  NOT NULL
)%TABLE%;

CREATE TABLE oper_audit (
  audit_id   %ID%,
  time_ms    %INT%  NOT NULL,
  oper       %TEXT% NOT NULL,
  account_id %INT%, -- no reference: the record outlives the account
  address    %TEXT% NOT NULL,
  action     %TEXT% NOT NULL,
  arguments  %TEXT% NOT NULL,
  outcome    %TEXT% NOT NULL
)%TABLE%;
