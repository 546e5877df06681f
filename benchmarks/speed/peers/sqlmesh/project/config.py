"""The SQLMesh project: one DuckDB file for state and data, which the environment names."""

import os

from sqlmesh.core.config import Config, DuckDBConnectionConfig, GatewayConfig, ModelDefaultsConfig

config = Config(
    gateways={
        "peer": GatewayConfig(connection=DuckDBConnectionConfig(database=f"{os.environ['PEER_STORE']}/peer.duckdb"))
    },
    default_gateway="peer",
    model_defaults=ModelDefaultsConfig(dialect="duckdb", start="2024-01-01"),
    variables={"landing": os.environ["PEER_LANDING"]},
    disable_anonymized_analytics=True,
)
