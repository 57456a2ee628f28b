"""How pages look that people open in a browser: one look for all services, dressed by the agency."""
