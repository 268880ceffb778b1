# The Milvus of a Python package, for tests/run, which reads this file before milvus_lite.sh: both are
# started in the background, with what they need installed before, and awaited later.

MILVUS_VERSION=2.3.5
MILVUS_INSTALL_SECONDS=900
MILVUS_READY_SECONDS=120

# milvus_install HOME [arguments of pip]: a Python environment in HOME, once.
milvus_install() {
    local home=$1
    shift
    [ -e "$home/complete" ] && return
    rm -rf "$home"
    if python3 -m venv "$home"; then
        "$home/bin/python" -m pip install --quiet --disable-pip-version-check "$@" || return
    else
        rm -rf "$home"
        python3 -m pip install --quiet --disable-pip-version-check --target "$home/packages" "$@" || return
    fi
    touch "$home/complete"
}

# milvus_python HOME [arguments]: runs the Python of that environment in place of this shell.
milvus_python() {
    local home=$1 python=python3
    shift
    [ -x "$home/bin/python" ] && python=$home/bin/python
    PYTHONPATH=$home/packages PYTHONUNBUFFERED=1 exec "$python" "$@"
}

# This Milvus listens on every interface, whatever it is told. It gets a network of its own, and
# tests/support/loopback.py is the only way in.
launch_milvus() {
    if [ -n "${VECTOR_INSPECTOR_TEST_MILVUS_URL:-}" ]; then
        say "using the Milvus server at $VECTOR_INSPECTOR_TEST_MILVUS_URL"
        return
    fi
    if ! unshare --user --map-root-user --net true 2>/dev/null; then
        say "NOT RUN: the tests of Milvus $MILVUS_VERSION (no unshare --user --net here to keep it off the network)"
        return
    fi
    milvus_home=$cache/milvus-$MILVUS_VERSION
    milvus_port=$(free_port)
    (
        milvus_install "$milvus_home" --no-deps "milvus==$MILVUS_VERSION"
        python3 tests/support/loopback.py near "$milvus_port" "$work/milvus.socket" &
        export -f milvus_python
        # Its clock ticks every 200 ms, and strong consistency waits for a tick.
        exec unshare --user --map-root-user --net bash -c '
            python3 tests/support/loopback.py far "$1" 19530 &
            milvus_python "$2" -c "import sys; from milvus import main; sys.exit(main())" \
                --data "$3" --proxy-port 19530 --extra-config proxy.timeTickInterval=20
        ' milvus "$work/milvus.socket" "$milvus_home" "$work/milvus"
    ) >"$work/milvus.log" 2>&1 </dev/null &
    milvus_pid=$!
    started+=("$milvus_pid")
}

# await_launched NAME PID LOG READY HOME: whether it is ready, by a line of its log.
await_launched() {
    local end=$((SECONDS + MILVUS_READY_SECONDS))
    [ -e "$5/complete" ] || end=$((SECONDS + MILVUS_INSTALL_SECONDS))
    until grep -q "$4" "$3"; do
        if ! alive "$2" || [ "$SECONDS" -ge "$end" ]; then
            tail -n 20 "$3" >&2
            if [ ! -e "$5/complete" ]; then
                say "NOT RUN: the tests of $1, which could not be installed (see above)"
                return 1
            fi
            did_not_start "$1"
            return 1
        fi
        sleep 0.1
    done
}

await_milvus() {
    if [ -n "${milvus_pid:-}" ] && await_launched "Milvus" "$milvus_pid" "$work/milvus.log" "Ctrl+C to exit" \
        "$milvus_home"; then
        export VECTOR_INSPECTOR_TEST_MILVUS_URL=http://127.0.0.1:$milvus_port
        say "Milvus $MILVUS_VERSION is behind port $milvus_port"
    fi
}
