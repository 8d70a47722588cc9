#!/usr/bin/env bash
# Generates a client from openapi.yaml, checks it and main.py by their types, and drives a running demo server with it.
#   FOLKMOOT_URL              the server, for instance http://127.0.0.1:8080
#   FOLKMOOT_OPENAPI          the document, openapi.yaml of this repository unless given
#   FOLKMOOT_CONTRACT_PYTHON  where to generate, target/contract/python unless given; it is emptied
#   PYTHON                    a Python with openapi-python-client and mypy, python3 unless given
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
: "${FOLKMOOT_URL:?the address of a running demo server}"
document=$(realpath "${FOLKMOOT_OPENAPI:-$root/openapi.yaml}")
out=$(realpath -m "${FOLKMOOT_CONTRACT_PYTHON:-$root/target/contract/python}")
python=${PYTHON:-python3}

# Only a directory that this script made is emptied, lest a wrong setting delete something else. What mypy knows of the
# libraries is kept; it is worth seconds.
if [[ -e $out && ! -e $out/.made-by-run.sh ]] && [[ -n $(ls -A "$out") ]]; then
    echo "$out is not empty and was not made by this script." >&2
    exit 2
fi
rm -rf "$out/folkmoot_client" "$out/main.py"
mkdir -p "$out"
touch "$out/.made-by-run.sh"
cp "$here/main.py" "$out/"

cd "$out"
echo "generate: openapi-python-client from $document"
# It leaves out what it does not understand, with a warning; --fail-on-warning turns that into an exit code.
if ! "$python" -m openapi_python_client generate --path "$document" --config "$here/generator.yml" --meta none \
    --output-path folkmoot_client --fail-on-warning >generate.log 2>&1; then
    cat generate.log >&2
    echo "The generator warns about $document, or cannot read it." >&2
    exit 1
fi

echo "check: compileall, mypy --strict"
"$python" -m compileall -q folkmoot_client main.py
if ! "$python" -m mypy --strict --no-error-summary --cache-dir .mypy_cache main.py; then
    echo "main.py does not go with the client generated from $document." >&2
    exit 1
fi

echo "run: $FOLKMOOT_URL"
# -u, so that the steps stand before the failure that follows them.
exec "$python" -u main.py
