-- SPDX-License-Identifier: Apache-2.0
-- What clients have lately seen a 250 for: an earlier try of it may still be on its way. It lies in
-- the order in which it came, so who began a moment ago has few rows to look at.

CREATE TABLE confirmed_mail (
  arrived_us  %INT%   NOT NULL, -- its last octet, microseconds since 1970 by the clock of its node
  queue_id    %INT%   NOT NULL, -- by which it was stored
  fingerprint %BYTES% NOT NULL,
  PRIMARY KEY (arrived_us, queue_id)
)%CLUSTERED%;
