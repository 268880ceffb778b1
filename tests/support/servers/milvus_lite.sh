# Milvus Lite from PyPI, for tests/run, which reads this file behind milvus.sh.

MILVUS_LITE_VERSION=3.2.2

launch_milvus_lite() {
    if [ -n "${VECTOR_INSPECTOR_TEST_MILVUS_LITE_URL:-}" ]; then
        say "using the Milvus Lite server at $VECTOR_INSPECTOR_TEST_MILVUS_LITE_URL"
        return
    fi
    milvus_lite_home=$cache/milvus-lite-$MILVUS_LITE_VERSION
    milvus_lite_port=$(free_port)
    (
        milvus_install "$milvus_lite_home" "milvus-lite==$MILVUS_LITE_VERSION" pymilvus==3.0.2
        milvus_python "$milvus_lite_home" -c 'import sys; from milvus_lite.cmdline import main; sys.exit(main())' \
            server --data-dir "$work/milvus-lite" --host 127.0.0.1 --port "$milvus_lite_port"
    ) >"$work/milvus-lite.log" 2>&1 </dev/null &
    milvus_lite_pid=$!
    started+=("$milvus_lite_pid")
}

await_milvus_lite() {
    if [ -n "${milvus_lite_pid:-}" ] && await_launched "Milvus Lite" "$milvus_lite_pid" "$work/milvus-lite.log" \
        "gRPC server listening" "$milvus_lite_home"; then
        export VECTOR_INSPECTOR_TEST_MILVUS_LITE_URL=http://127.0.0.1:$milvus_lite_port
        say "Milvus Lite $MILVUS_LITE_VERSION listens on port $milvus_lite_port"
    fi
}
