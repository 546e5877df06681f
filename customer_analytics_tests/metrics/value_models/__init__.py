"""Tests of the models of what customers are worth, held to the figures that were published for them."""
