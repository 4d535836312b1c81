"""How things stand, as people are shown it: sessions, machines, names. Offline; changes nothing."""
