"""Records: which topics are read, and how a record becomes an event or is kept aside."""
