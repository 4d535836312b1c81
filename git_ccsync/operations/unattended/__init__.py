"""What goes on while nobody waits: behind hooks, in the background, at login."""
