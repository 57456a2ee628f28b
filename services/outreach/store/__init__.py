"""PostgreSQL: named .sql, and a thin typed module beside each, on the caller's connection."""
