"""PostgreSQL: named SQL and thin typed modules."""
