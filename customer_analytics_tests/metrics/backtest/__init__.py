"""Tests of how forecasts are judged, and of who is used."""
