"""Seeded generator of realistic landing data, planted defects included; reading, judging or storing data does not belong here."""
