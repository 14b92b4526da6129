#!/bin/sh
# A role and a database per service, and one for Keycloak; nobody else may connect to them.
# The image runs it when the cluster is made. It may be run again by hand, after a service was added:
#   docker compose exec postgres /docker-entrypoint-initdb.d/create-databases.sh
set -eu

create() {
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set name="$1" --set password="$2" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'name')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

create membership "$MEMBERSHIP_DB_PASSWORD"
create dues "$DUES_DB_PASSWORD"
create training "$TRAINING_DB_PASSWORD"
create keycloak "$KEYCLOAK_DB_PASSWORD"
