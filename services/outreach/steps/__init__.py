"""What is done to touches, in the order they travel: ingest, plan, claim, decide, send, settle, listen, recover."""
