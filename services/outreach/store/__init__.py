"""PostgreSQL: named .sql files and one thin typed module per table. Every function takes the caller's connection."""
