"""Taking back what a run did: to files, to refs, on the remote."""
