"""How the rooms below become Dagster: the component that a source's YAML names, resources, partitions."""

from customer_analytics.components.daily_source import DailySource as DailySource
