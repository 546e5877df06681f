"""Customer analytics: daily orders, tickets and events in; customer value and customers at risk out."""
