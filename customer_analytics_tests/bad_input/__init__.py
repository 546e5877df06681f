"""The matrix of bad input: each kind, in each format, and what must become of it. Faults of code stand elsewhere."""
