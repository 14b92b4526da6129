-- Headers of a mail beside those that every mail has: how to leave a list, for one.
ALTER TABLE mail ADD COLUMN headers jsonb NOT NULL DEFAULT '{}';
