"""What is done, in the order a touch travels: ingest, plan, claim, decide, send, settle, listen, recover."""
