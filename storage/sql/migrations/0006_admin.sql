-- SPDX-License-Identifier: Apache-2.0
-- Who administers from outside, and what was done. Times are milliseconds since 1970.

INSERT INTO counter (name, value) VALUES ('admin_audit', 0);

-- What lets a program in; the token itself is nowhere.
CREATE TABLE admin_token (
  name       %TEXT%  NOT NULL PRIMARY KEY,
  sha256     %BYTES% NOT NULL UNIQUE,
  role       %TEXT%  NOT NULL,
  created_ms %INT%   NOT NULL,
  expires_ms %INT%   NOT NULL
)%CLUSTERED%;

-- Each change that somebody wanted. One that went well is found again by its request_id.
CREATE TABLE admin_audit (
  audit_id   %ID%,
  time_ms    %INT%   NOT NULL,
  who        %TEXT%  NOT NULL,
  address    %TEXT%  NOT NULL,
  method     %TEXT%  NOT NULL,
  target     %TEXT%  NOT NULL,
  request_id %TEXT%, -- NULL: none, or a later attempt has it now
  print      %BYTES% NOT NULL, -- of the request, by a key of the server
  outcome    %TEXT%  NOT NULL, -- empty: it has not ended
  detail     %TEXT%  NOT NULL,
  reply      %BYTES% -- sealed
)%TABLE%;
CREATE UNIQUE INDEX admin_audit_by_request ON admin_audit (who, method, request_id);
CREATE INDEX admin_audit_by_time ON admin_audit (time_ms);
