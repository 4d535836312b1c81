"""What can be wrong with a branch and with what lies here, looked at closely, and mended where it can be."""
