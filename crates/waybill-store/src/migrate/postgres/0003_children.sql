-- Which buckets have versions that were made from versions of which others, so that a bucket's children are found
-- without going through everything that was ever made from it.
-- The previous release cannot run on it: what is completed there would be missing.

-- A row stays when the last such version goes: whoever reads it looks at the child's versions anyway.
CREATE TABLE bucket_children (
    parent_id BIGINT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    child_id  BIGINT NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX bucket_children_by_child ON bucket_children (child_id);

INSERT INTO bucket_children (parent_id, child_id)
SELECT DISTINCT p.bucket_id, v.bucket_id
  FROM builds b JOIN versions v ON v.id = b.version_id JOIN versions p ON p.id = b.parent_version_id
 WHERE v.number IS NOT NULL;
