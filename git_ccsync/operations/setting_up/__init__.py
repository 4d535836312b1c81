"""What `init` finds out and proposes before anything is agreed to, and its first word with the remote."""
