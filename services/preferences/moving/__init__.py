"""Moving in and out: files of other systems, read as statements, and the ledger written as one."""
