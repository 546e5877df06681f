"""Settings: where the data lies and how long to wait, from the environment, with defaults that work.

Every setting is an environment variable with the prefix ``CUSTOMER_ANALYTICS_``. Relative paths count from the
project root, never from the working directory.
"""

from datetime import date
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent

# Of a host's name, what stands between two dots.
LONGEST_LABEL = 63


class Settings(BaseSettings):
    """Typed settings; a wrong value raises pydantic's ``ValidationError`` naming the variable."""

    model_config = SettingsConfigDict(
        env_prefix="CUSTOMER_ANALYTICS_", env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(default=Path("data"), description="Holds landing/, warehouse.duckdb and what is made of it.")
    start_date: date | None = Field(default=None, description="First daily partition; default: the first landed day.")
    end_date: date | None = Field(default=None, description="End of the daily partitions, exclusive; default: today.")
    lock_timeout_seconds: float = Field(default=600, gt=0, description="How long to wait for another writer.")
    memory_limit: str = Field(default="4GB", description="DuckDB's memory limit.")
    log_format: Literal["text", "json"] = Field(default="text", description="How runs log.")
    metrics_file: Path | None = Field(default=None, description="For Prometheus; default: metrics.prom in data_dir.")
    heartbeat_url: SecretStr | None = Field(
        default=None, description="Is fetched after each look that could see and tell all."
    )
    webhook_allow_private: bool = Field(default=False, description="Whether webhooks may be in the house.")

    @field_validator("data_dir", "metrics_file")
    @classmethod
    def _from_project_root(cls, value: Path | None) -> Path | None:
        return value and (PROJECT_ROOT / value.expanduser()).resolve()

    @field_validator("heartbeat_url")
    @classmethod
    def _can_be_fetched(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _is_http_url(value.get_secret_value()):
            message = (
                "must be like https://monitor.example/check: http or https, a host and a port that there can be, all "
                "of it in ASCII, the rest percent-encoded. What is set is not repeated, as it may have a token in it"
            )
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _start_before_end(self) -> Self:
        if self.start_date and self.end_date and self.start_date >= self.end_date:
            message = (
                f"CUSTOMER_ANALYTICS_START_DATE {self.start_date} must be before "
                f"CUSTOMER_ANALYTICS_END_DATE {self.end_date}"
            )
            raise ValueError(message)
        return self

    @property
    def landing_dir(self) -> Path:
        """Where deliveries arrive: ``landing/<source>/<day>/``."""
        return self.data_dir / "landing"

    @property
    def metrics_path(self) -> Path:
        """The figures for Prometheus' textfile collector."""
        return self.metrics_file or self.data_dir / "metrics.prom"

    @property
    def alerts_path(self) -> Path:
        """What alerting remembers."""
        return self.data_dir / "alerts.sqlite"

    @property
    def warehouse_path(self) -> Path:
        """The one DuckDB file that is written."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def aliases_path(self) -> Path:
        """Which ids of merged customers stand for whom; need not be there."""
        return self.data_dir / "customer_aliases.csv"

    @property
    def exports_dir(self) -> Path:
        """Files for other tools: call lists, features and forecasts by day, and what was asked for by a command."""
        return self.data_dir / "exports"

    @property
    def reports_dir(self) -> Path:
        """Pages for people, one a day."""
        return self.data_dir / "reports"

    @property
    def serving_path(self) -> Path:
        """The snapshot for readers: replaced as a whole, never locked by a writer."""
        return self.data_dir / "serving.duckdb"


def _is_http_url(url: str) -> bool:
    if not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    labels = (parts.hostname or "").removesuffix(".").split(".")
    return parts.scheme in {"http", "https"} and has_port and all(0 < len(label) <= LONGEST_LABEL for label in labels)


def setting_errors(error: ValidationError) -> str:
    """What is wrong with which variable, for the person who set it."""
    prefix = str(Settings.model_config["env_prefix"])
    return "; ".join(
        f"{prefix}{str(each['loc'][0]).upper()}: {each['msg']}" if each["loc"] else each["msg"]
        for each in error.errors()
    )
