"""How well odd numbers of records are found, and how seldom a usual one is called odd: on seeded, made-up series."""
