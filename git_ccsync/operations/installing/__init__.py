"""From the branch to this disk: which sessions, where they lie, with whose paths, and what is left alone."""
