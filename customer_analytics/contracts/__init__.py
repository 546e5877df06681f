"""What each source promises: one pandera model a source, and the policy it is held to. No data is read here."""

from customer_analytics.contracts import checks as checks  # registers the checks that the models name
