"""Reads what operations staff write: policy.yaml, playbook.yaml, templates. Pure but for opening files."""
