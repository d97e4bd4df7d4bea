-- What the author of a change had logged in with, so that a key that leaked can be told from those that did not.
-- Rows from before do not say.
ALTER TABLE audit ADD COLUMN credential TEXT COLLATE "C";
