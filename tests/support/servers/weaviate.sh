# The Weaviate server that is on the PATH, for tests/run, which reads this file.

start_weaviate() {
    if [ -n "${VECTOR_INSPECTOR_TEST_WEAVIATE_URL:-}" ]; then
        say "using the Weaviate server at $VECTOR_INSPECTOR_TEST_WEAVIATE_URL"
        return
    fi
    if ! command -v weaviate >/dev/null; then
        say "NOT RUN: the tests of a Weaviate server (no weaviate on the PATH, no VECTOR_INSPECTOR_TEST_WEAVIATE_URL)"
        return
    fi
    # Its gRPC port and those of its cluster listen on all interfaces; only REST is told where to listen.
    local http
    http=$(free_port)
    mkdir -p "$work/weaviate"
    (
        cd "$work/weaviate"
        PERSISTENCE_DATA_PATH=$work/weaviate AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED=true DISABLE_TELEMETRY=true \
            CLUSTER_HOSTNAME=tests CLUSTER_IN_LOCALHOST=true CLUSTER_BIND_ADDR=127.0.0.1 \
            CLUSTER_ADVERTISE_ADDR=127.0.0.1 CLUSTER_GOSSIP_BIND_PORT=$(free_port) CLUSTER_DATA_BIND_PORT=$(free_port) \
            RAFT_PORT=$(free_port) RAFT_INTERNAL_RPC_PORT=$(free_port) GRPC_PORT=$(free_port) \
            GO_PROFILING_DISABLE=true DEFAULT_VECTORIZER_MODULE=none \
            exec weaviate --scheme http --host 127.0.0.1 --port "$http"
    ) >"$work/weaviate.log" 2>&1 </dev/null &
    started+=("$!")
    until_ready "Weaviate" "$!" "http://127.0.0.1:$http/v1/.well-known/ready" "$work/weaviate.log"
    export VECTOR_INSPECTOR_TEST_WEAVIATE_URL=http://127.0.0.1:$http
    say "Weaviate listens on port $http"
}
