"""The senders: each vendor's answers and failures as data, and what vendors tell us later."""
