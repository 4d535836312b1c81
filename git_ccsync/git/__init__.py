"""The only user of the git executable and of libgit2. Knows repositories, refs, objects and remotes; nothing of sessions."""
