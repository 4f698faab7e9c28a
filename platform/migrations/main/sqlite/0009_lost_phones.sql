-- 1 = suspended because its phone was reported lost: an objection on that phone ends this, and no other suspension.
ALTER TABLE certificates ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE certificates ADD COLUMN suspended_at INTEGER;
CREATE INDEX certificates_device ON certificates (account, device);
