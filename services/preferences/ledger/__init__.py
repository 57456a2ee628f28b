"""What is done with a batch of events, in one transaction."""
