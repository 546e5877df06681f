"""Who is about to leave as of a day, why, and whom to call first: signals, a list that does not flicker, ranks.

How likely orders are is not decided here but in ``forecasting/``; what was known of customers is in ``features.py``.
"""
