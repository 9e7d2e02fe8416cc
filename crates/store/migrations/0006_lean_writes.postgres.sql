-- Nothing looks for what was done to something in the audit trail, and each write would pay for that.
DROP INDEX audit_record_subject;
-- To-dos and requests are counted by indexes alone, as long as the pages of the table are known to be
-- seen by everybody. A change makes a page one that is not, until the next vacuum: after a hundredth
-- of the rows has changed instead of a fifth.
ALTER TABLE todo SET
    (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);
ALTER TABLE permission_request SET
    (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);
