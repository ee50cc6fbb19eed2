# site in a container: one binary on distroless/cc (glibc, CA roots, no shell).
#   docker build -t site . && docker run -d -p 80:8080 -v site:/data --name site site
#   docker exec site /site admin setup-url
# Runs with --read-only --cap-drop ALL --security-opt no-new-privileges: only /data is written.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# .cargo/config.toml sets the flags of the embedded SQLite.
RUN cargo build --release --locked && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="site" \
      org.opencontainers.image.description="A community news site in one executable" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /src/target/release/site /site
# A new volume takes owner and mode of this directory.
COPY --from=build --chown=65532:65532 --chmod=700 /data /data
USER 65532:65532
# PORT means that port on every address, and platforms that choose a port override it.
ENV SITE_DATA=/data PORT=8080
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --start-interval=1s CMD ["/site", "healthcheck"]
ENTRYPOINT ["/site"]
CMD ["serve"]
