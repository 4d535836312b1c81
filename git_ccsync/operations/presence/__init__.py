"""Who is at work on what, here and on other machines: leases, and sessions left open."""
