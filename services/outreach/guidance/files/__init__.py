"""Files that say the policy: packs, an agency's policy.yaml, cases. Read here, decided elsewhere."""
