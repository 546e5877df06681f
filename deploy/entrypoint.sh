#!/bin/sh
# Hands the secret to libpq as a file in memory, so that it stands in no image and in no container's settings. Commands
# run by `docker compose exec` find it there too.
set -eu
umask 0077
printf 'postgres:5432:dagster:dagster:%s\n' "$(cat /run/secrets/postgres_password)" > "$PGPASSFILE"
exec "$@"
