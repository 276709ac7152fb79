-- SPDX-License-Identifier: Apache-2.0
-- Mail that an administrator holds. With the recipients, not with the message: who takes mail out
-- of the queue locks these rows, and then it is clear who was first.

ALTER TABLE recipient ADD COLUMN held_at %INT%; -- seconds since 1970; NULL: it goes on its way
