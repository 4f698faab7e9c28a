-- The public half of an epoch's OPRF key, so that it need not be computed for every try. Empty for epochs from before.
ALTER TABLE epochs ADD COLUMN oprf_pk BYTEA;
