"""What leaves the house for people and their tools: the serving snapshot, status, summaries. It derives nothing."""
