"""System checks: each setting, and each host that a check can see to be unsafe."""
