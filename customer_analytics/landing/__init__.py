"""Finding and opening deliveries: which files, which content, raw records with their place. It judges no record."""
