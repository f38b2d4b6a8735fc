"""What a poll's votes say beside its outcome: when they came, from whom, and how the shares went. It only reads."""
