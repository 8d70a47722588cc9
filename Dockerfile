FROM rust:1.95-bookworm AS builder
WORKDIR /build
COPY . .
# The caches are gone when the step ends, hence the copy within it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin folkmoot --features pg-tls \
    && cp target/release/folkmoot /usr/local/bin/folkmoot

# Trixie, though built on bookworm: pg_dump refuses a server newer than itself, and bookworm's stops at PostgreSQL 15.
FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql-client tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /data folkmoot \
    && install --directory --owner=folkmoot --group=folkmoot --mode=0700 /data
COPY --from=builder /usr/local/bin/folkmoot /usr/local/bin/folkmoot
COPY LICENSE /usr/share/doc/folkmoot/LICENSE

ENV FOLKMOOT_DATA_DIR=/data \
    FOLKMOOT_LISTEN=0.0.0.0:8080
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["folkmoot", "healthcheck"]
ENTRYPOINT ["folkmoot"]
CMD ["serve"]
