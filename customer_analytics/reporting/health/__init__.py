"""The page that says every morning how customers are: read, drawn and written here, and nothing is derived here."""
