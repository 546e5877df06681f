"""How good forecasts are on public data, and what they cost."""
