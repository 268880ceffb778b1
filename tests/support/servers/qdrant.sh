# The Qdrant server that is on the PATH, for tests/run, which reads this file.

start_qdrant() {
    if [ -n "${VECTOR_INSPECTOR_TEST_QDRANT_URL:-}" ]; then
        say "using the Qdrant server at $VECTOR_INSPECTOR_TEST_QDRANT_URL"
        return
    fi
    if ! command -v qdrant >/dev/null; then
        say "NOT RUN: the tests of a Qdrant server (no qdrant on the PATH, no VECTOR_INSPECTOR_TEST_QDRANT_URL)"
        return
    fi
    local http grpc
    http=$(free_port)
    grpc=$(free_port)
    mkdir -p "$work/qdrant"
    (
        cd "$work/qdrant"
        QDRANT__SERVICE__HOST=127.0.0.1 QDRANT__SERVICE__HTTP_PORT=$http QDRANT__SERVICE__GRPC_PORT=$grpc \
            QDRANT__STORAGE__STORAGE_PATH=$work/qdrant/storage QDRANT__STORAGE__SNAPSHOTS_PATH=$work/qdrant/snapshots \
            QDRANT__TELEMETRY_DISABLED=true exec qdrant
    ) >"$work/qdrant.log" 2>&1 </dev/null &
    started+=("$!")
    until_ready "Qdrant" "$!" "http://127.0.0.1:$http/readyz" "$work/qdrant.log"
    export VECTOR_INSPECTOR_TEST_QDRANT_URL=http://127.0.0.1:$grpc
    say "Qdrant listens on port $grpc"
}
