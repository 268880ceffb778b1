# A Chroma server from PyPI, for tests/run, which reads this file.

CHROMA_VERSION=1.5.9

python_environment() {
    local home=$cache/chroma-$CHROMA_VERSION
    if [ ! -e "$home/complete" ]; then
        say "installing Chroma $CHROMA_VERSION into $home"
        rm -rf "$home"
        # A Debian without python3-venv still has pip: a plain folder serves as well.
        if python3 -m venv "$home" >"$work/venv.log" 2>&1; then
            "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "chromadb==$CHROMA_VERSION"
        else
            rm -rf "$home"
            python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$home/packages" \
                "chromadb==$CHROMA_VERSION"
        fi
        touch "$home/complete"
    fi
    python=python3
    [ -x "$home/bin/python" ] && python=$home/bin/python
    python_path=$home/packages
}

start_chroma() {
    if [ -n "${VECTOR_INSPECTOR_TEST_CHROMA_URL:-}" ]; then
        say "using the Chroma server at $VECTOR_INSPECTOR_TEST_CHROMA_URL"
        return
    fi
    python_environment
    local port
    # For the folder's own tests, which start one themselves.
    cat >"$work/chroma-program" <<PROGRAM
#!/bin/sh
PYTHONPATH='$python_path' exec '$python' -c 'import sys, chromadb_rust_bindings as chroma; chroma.cli(["chroma"] + sys.argv[1:])' "\$@"
PROGRAM
    chmod +x "$work/chroma-program"
    export VECTOR_INSPECTOR_TEST_CHROMA_PROGRAM=${VECTOR_INSPECTOR_TEST_CHROMA_PROGRAM:-$work/chroma-program}
    port=$(free_port)
    "$work/chroma-program" \
        run --path "$work/chroma" --host 127.0.0.1 --port "$port" >"$work/chroma.log" 2>&1 </dev/null &
    started+=("$!")
    until_ready "Chroma" "$!" "http://127.0.0.1:$port/api/v2/heartbeat" "$work/chroma.log"
    export VECTOR_INSPECTOR_TEST_CHROMA_URL=http://127.0.0.1:$port
    export VECTOR_INSPECTOR_TEST_CHROMA_FOLDER=$work/chroma
    say "Chroma $CHROMA_VERSION listens on port $port"
}
