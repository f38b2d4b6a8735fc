"""What needs an optional library, one package for each."""
