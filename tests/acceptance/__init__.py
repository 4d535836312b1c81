"""The whole house as its user meets it: real processes, several machines, what must hold in the end."""
