"""One verb a module: takes values, works with the rooms below, returns one frozen result. Prints nothing."""
