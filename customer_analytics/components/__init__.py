"""How the rooms below become Dagster: the components that YAML files name, resources, partitions."""

from customer_analytics.components.alerts import Alerts as Alerts
from customer_analytics.components.customer_assets import CustomerAssets as CustomerAssets
from customer_analytics.components.daily_source import DailySource as DailySource
from customer_analytics.components.health_report import HealthReport as HealthReport
