"""Contracts as documents of the Open Data Contract Standard: written so that reading them gives the same contract."""

from customer_analytics.contracts.odcs.document import export_contract as export_contract
from customer_analytics.contracts.odcs.document import import_contract as import_contract
