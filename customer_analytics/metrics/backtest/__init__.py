"""How good every forecast would have been: judged at past month ends, and which of them is good enough to be used.

What the forecasts are is not decided here: their scores come in, from whatever makes them (``forecasting/``).
"""
