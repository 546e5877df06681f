"""Names of assets and sensors that more than their own module must know."""

CUSTOMER_ALIASES = "customer_aliases"
CUSTOMER_HEALTH_REPORT = "customer_health_report"

ALIASES_SENSOR = f"{CUSTOMER_ALIASES}_changed"
REPORT_SENSOR = f"{CUSTOMER_HEALTH_REPORT}_due"
VANISHED_RUNS_SENSOR = "vanished_runs"
