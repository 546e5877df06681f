"""Who is told, when and how: problems, incidents, messages, channels, the completion webhook."""
