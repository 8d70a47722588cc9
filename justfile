# The daily commands; `just` alone lists them.

[private]
default:
    @just --list --unsorted

# A running platform with demo data on 127.0.0.1:8080
demo *flags:
    cargo run -- demo {{ flags }}

# The tests, on SQLite and, where it is to be had, on PostgreSQL; `just test NAME` for some of them
test *filter:
    cargo test {{ filter }}

# What tests and checks need beside Rust
tools:
    scripts/install-test-tools

# The contract, held to a running demo by linters, generated clients, browsers and random requests
contract *checks:
    scripts/check-contract {{ checks }}

# Everything CI checks, in the same way
check:
    .ci/run

# The tests at full size, nothing skipped
long: tools
    FOLKMOOT_REQUIRE_POSTGRES=1 FOLKMOOT_REQUIRE_TOOLS=1 cargo test --profile long
    scripts/check-contract random_requests --seconds 300 --seed 0

# Format the code
fmt:
    cargo fmt --all

# Format, clippy, rustdoc, licences and version floors
lint: tools
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
    PATH="$PWD/target/tools/bin:$PATH" cargo deny --locked check bans licenses sources
    scripts/check-version-floors

# Write openapi.yaml
openapi:
    cargo run -- openapi

# Show the settings in force, secrets hidden
config:
    cargo run -- config check

# What is wrong with an installation, and what to do
doctor *flags:
    cargo run -- doctor {{ flags }}

# Copy database, attached files and secret to FILE, while the server runs
backup file:
    cargo run --release -- backup "{{ file }}"

# Bring back what `just backup` wrote, into an empty place
restore file:
    cargo run --release -- restore "{{ file }}"

# Does the time of an answer tell which addresses have an account? (case B2; a quiet minute or two)
sign-in-timing *flags:
    rm -rf target/sign-in-timing
    cargo run --release -p folkmoot_bench -- sign-in-timing --database-url sqlite:target/sign-in-timing/folkmoot.sqlite \
        --data-dir target/sign-in-timing --public-url http://127.0.0.1:8080 {{ flags }}

# Do reads stay quick while a thousand sign in with a password at once? (case J4; half a minute, on a quiet machine)
sign-in-flood *flags:
    rm -rf target/sign-in-flood
    cargo build --release -p folkmoot
    ulimit -n "$(ulimit -Hn)" && cargo run --release -p folkmoot_bench -- sign-in-flood --server target/release/folkmoot \
        --database-url sqlite:target/sign-in-flood/folkmoot.sqlite --data-dir target/sign-in-flood \
        --public-url http://127.0.0.1:8080 {{ flags }}

# What screeners hold of texts that people have labelled: comments.csv files of Polis (docs/SCREENING.md)
screening +files:
    FOLKMOOT_LABELLED="{{ replace(files, ' ', ':') }}" cargo test --lib -- --ignored --nocapture the_table_of_labelled_conversations

# Does the suite notice the faults of other platforms, brought back one at a time? (a build for each; `just peer-bugs NAME` for one)
peer-bugs *names:
    scripts/check-peer-bugs {{ names }}

# Measure beside bare actix, bare SQL and pgbench (about half an hour, on a quiet machine); `just bench --quick` to see that it works
bench *flags:
    scripts/bench {{ flags }}
