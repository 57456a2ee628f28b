"""Plans touches: records what events say, and makes the plan what the playbook desires."""
