-- The decided layer emptied; what must outlive a night stays (layers_decided.sql holds the tables).
-- Reads:  variable register_fingerprint. Writes: decided.register, and nothing in the others.
TRUNCATE decided.register;
INSERT INTO decided.register SELECT getvariable('register_fingerprint')::VARCHAR;
TRUNCATE decided.decision;
TRUNCATE decided.cover;
TRUNCATE decided.conflict;
TRUNCATE decided.justified;
TRUNCATE decided.step;
TRUNCATE decided.forecast;
TRUNCATE decided.vendor_status;
TRUNCATE decided.usage;
TRUNCATE decided.item_use;
TRUNCATE decided.used;
TRUNCATE decided.audit;
