# The Redis 8 that is on the PATH, for tests/run, which reads this file behind redis.sh.

start_redis8() {
    if [ -n "${VECTOR_INSPECTOR_TEST_REDIS8_URL:-}" ]; then
        say "using the Redis 8 server at $VECTOR_INSPECTOR_TEST_REDIS8_URL"
        return
    fi
    local port version=
    version=$(redis-server --version 2>/dev/null | sed -n 's/.* v=\([0-9]*\).*/\1/p') || true
    if [ "${version:-0}" -lt 8 ]; then
        say "NOT RUN: the tests of vector sets (no redis-server 8 on the PATH, no VECTOR_INSPECTOR_TEST_REDIS8_URL)"
        return
    fi
    port=$(free_port)
    mkdir -p "$work/redis8"
    redis-server --port "$port" --bind 127.0.0.1 --dir "$work/redis8" --save '' --appendonly no \
        >"$work/redis8.log" 2>&1 </dev/null &
    started+=("$!")
    until_pong "a Redis 8 server" "$port" "$!" "$work/redis8.log" || return 0
    export VECTOR_INSPECTOR_TEST_REDIS8_URL=redis://127.0.0.1:$port
    say "Redis $version listens on port $port, for vector sets"
}
