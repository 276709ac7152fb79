-- SPDX-License-Identifier: Apache-2.0
-- A message that nobody has confirmed is there once, however many nodes take it in at a time.

-- What came twice so far stays twice; a third one is the resend of the first.
UPDATE queue SET fingerprint = NULL WHERE confirmed = 0 AND EXISTS (
  SELECT 1 FROM queue x WHERE x.fingerprint = queue.fingerprint AND x.confirmed = 0
  AND x.queue_id < queue.queue_id);
DROP INDEX queue_unconfirmed;
CREATE UNIQUE INDEX queue_unconfirmed ON queue (fingerprint) WHERE confirmed = 0;
