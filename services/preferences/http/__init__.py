"""What operations ask over HTTP."""
