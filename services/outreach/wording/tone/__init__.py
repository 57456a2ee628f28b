"""What is unkind, untrue or unclear in a text, by rules that anyone can read in `rules/`. Pure."""
