"""Taking lines out of all history: what is meant, how the branch begins anew, and how other machines follow."""
