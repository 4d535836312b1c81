"""Arbitrary bytes for every parser of what comes from elsewhere (CONTRIBUTING.md, "Fuzzing")."""
