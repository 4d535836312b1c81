"""Who can read what is sent, and what must not be sent. Decides; sends nothing."""
