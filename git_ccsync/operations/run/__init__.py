"""What one run has in its hands: the workspace, the stage and its lock, what it says of itself on the branch."""
