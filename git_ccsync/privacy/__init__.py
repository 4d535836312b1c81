"""Who can read what is sent. Decides; sends nothing."""
