"""Where sessions go, and whether they may: remotes, their URLs, consent, policy; places that are no git remote."""
