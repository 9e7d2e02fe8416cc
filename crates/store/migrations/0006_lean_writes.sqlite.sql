-- Nothing looks for what was done to something in the audit trail, and each write would pay for that.
DROP INDEX audit_record_subject;
