"""Real servers on this machine, from Python packages alone: for the demo, the tests and `make up`."""
