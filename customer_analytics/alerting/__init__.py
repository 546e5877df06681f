"""Who is told, when and how: incidents, messages, channels, the completion webhook. What is wrong is found elsewhere."""
