#!/usr/bin/env bash
# Generates a client from openapi.yaml, compiles it together with main.ts, and drives a running demo server with it.
#   FOLKMOOT_URL                  the server, for instance http://127.0.0.1:8080
#   FOLKMOOT_OPENAPI              the document, openapi.yaml of this repository unless given
#   FOLKMOOT_CONTRACT_TYPESCRIPT  where to generate and compile, target/contract/typescript unless given; it is emptied
#   FOLKMOOT_NODE_MODULES         where the tools are, tests/contract/node_modules unless given
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
: "${FOLKMOOT_URL:?the address of a running demo server}"
document=$(realpath "${FOLKMOOT_OPENAPI:-$root/openapi.yaml}")
out=$(realpath -m "${FOLKMOOT_CONTRACT_TYPESCRIPT:-$root/target/contract/typescript}")
tools=$(realpath "${FOLKMOOT_NODE_MODULES:-$here/../node_modules}")

# Only a directory that this script made is emptied, lest a wrong setting delete something else.
if [[ -e $out && ! -e $out/.made-by-run.sh ]] && [[ -n $(ls -A "$out") ]]; then
    echo "$out is not empty and was not made by this script." >&2
    exit 2
fi
rm -rf "$out"
mkdir -p "$out"
touch "$out/.made-by-run.sh"
cp "$here/main.ts" "$here/tsconfig.json" "$out/"
# Node takes what tsc writes for ES modules only if a package says so.
echo '{"private": true, "type": "module"}' >"$out/package.json"

cd "$out"
echo "generate: @hey-api/openapi-ts from $document"
if ! DOCUMENT=$document node "$tools/@hey-api/openapi-ts/bin/run.js" --file "$here/openapi-ts.config.mjs" --no-log-file \
    >generate.log 2>&1; then
    cat generate.log >&2
    echo "The client cannot be generated from $document." >&2
    exit 1
fi
# The generator warns on the console and goes on, so that a part of the document is silently missing from the client.
if grep -qiE 'warn|unsupported|unhandled|🚨|❗' generate.log; then
    cat generate.log >&2
    echo "The generator warns about $document." >&2
    exit 1
fi

echo "compile: tsc --strict"
if ! node "$tools/typescript/bin/tsc" --project .; then
    echo "main.ts does not compile with the client generated from $document." >&2
    exit 1
fi

echo "run: $FOLKMOOT_URL"
exec node compiled/main.js
