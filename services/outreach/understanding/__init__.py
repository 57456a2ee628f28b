"""What a reply means, by words that anyone can read in `phrases/`: no guessing, and doubt goes to a human."""
