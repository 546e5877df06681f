"""How many orders customers will make, and what they will spend: models of purchase counts and amounts, and their fits.

Pure numpy and scipy over groups of like customers; what reads the warehouse is in ``inputs.py``. Which model is used is
not decided here, and neither is who is at risk.
"""
