"""Story cases: events and replies go in, messages come out, through the same code as in production."""
