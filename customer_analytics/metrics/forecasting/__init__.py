"""What is expected of every customer as of a day: spend, orders, and the probability that none comes.

The models of purchase counts are in ``value_models/``; which candidate is good enough to be used is judged in
``backtest/``, and who is at risk is decided in ``at_risk/``.
"""
