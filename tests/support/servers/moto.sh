# An object store that speaks like S3, for tests/run, which reads this file: moto from PyPI, a fake that
# checks no signatures. VECTOR_INSPECTOR_TEST_S3_URL (http://HOST:PORT/BUCKET) and
# VECTOR_INSPECTOR_TEST_S3_KEY (ID:SECRET) name a real one instead. Only LanceDB is opened there.

MOTO_VERSION=5.2.5

launch_moto() {
    moto=
    if [ -n "${VECTOR_INSPECTOR_TEST_S3_URL:-}" ]; then
        say "using the object store at $VECTOR_INSPECTOR_TEST_S3_URL"
        return
    fi
    local home=$cache/moto-$MOTO_VERSION
    if [ ! -e "$home/complete" ]; then
        say "installing moto $MOTO_VERSION into $home"
        rm -rf "$home"
        if ! python3 -m pip install --quiet --disable-pip-version-check --target "$home" "moto[server,s3]==$MOTO_VERSION"; then
            say "NOT RUN: the tests of LanceDB in an object store (moto could not be installed; see above)"
            return
        fi
        touch "$home/complete"
    fi
    moto_port=$(free_port)
    PYTHONPATH=$home python3 -c 'import sys; from moto.server import main; main(sys.argv[1:])' \
        -H 127.0.0.1 -p "$moto_port" >"$work/moto.log" 2>&1 </dev/null &
    moto=$!
    started+=("$moto")
}

await_moto() {
    [ -n "$moto" ] || return 0
    until_ready "moto" "$moto" "http://127.0.0.1:$moto_port/moto-api/" "$work/moto.log"
    local url=http://127.0.0.1:$moto_port/tests
    python3 - "$url" <<'PYTHON'
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(urllib.request.Request(sys.argv[1], method="PUT"), timeout=10)
PYTHON
    export VECTOR_INSPECTOR_TEST_S3_URL=$url VECTOR_INSPECTOR_TEST_S3_KEY=testing:testing
    say "moto $MOTO_VERSION listens on port $moto_port, an object store"
}
