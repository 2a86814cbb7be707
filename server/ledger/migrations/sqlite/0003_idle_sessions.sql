-- A session ends at `expires_at` at the latest, and before that when nobody used it until `idle_at`.
ALTER TABLE sessions ADD COLUMN idle_at INTEGER;
