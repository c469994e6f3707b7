# The image of runner; docs/container.md tells how it is built, run and extended.
#
#   docker build --tag runner .                                from scratch: runner, restic, their libraries, a shell
#   docker build --tag runner:full --target full .             on Debian, for those who add programs of their own
#   docker build --tag runner --build-arg RESTIC=restic-debian --build-arg RCLONE=rclone-debian .
#
# The build needs the network for Debian's packages and, with RESTIC=restic-release, for one download.

ARG BASE=debian:bookworm-slim
# Each of these is a stage below, or an image with a folder /programs.
ARG PROGRAM=compile
# restic-release, restic-debian, or nothing.
ARG RESTIC=restic-release
# nothing, or rclone-debian.
ARG RCLONE=nothing

FROM ${BASE} AS debian

FROM debian AS nothing
RUN mkdir /programs

# The program, from source. Poco first: it changes less often.
FROM debian AS compile
WORKDIR /source
COPY tools/lib.sh tools/install-packages tools/packages.txt tools/static-poco tools/
RUN tools/install-packages build image-build
RUN --mount=type=cache,id=runner-ccache,target=/ccache \
    CCACHE_DIR=/ccache RUNNER_CACHE=/built tools/static-poco
COPY CMakeLists.txt CMakePresets.json ./
COPY tools/cmake tools/cmake
COPY schemas schemas
COPY targets targets
COPY runner runner
RUN --mount=type=cache,id=runner-ccache,target=/ccache \
    export CCACHE_DIR=/ccache RUNNER_CACHE=/built \
 && cmake --preset image -DCMAKE_PREFIX_PATH="$(tools/static-poco)" --log-level=WARNING \
 && cmake --build build/image --parallel "$(nproc)" --target runner -- --quiet \
 && mkdir /programs \
 && strip -o /programs/runner build/image/runner/app/runner

# restic, from Debian: 0.14, which is older than what the runner likes best (docs/restic.md).
FROM debian AS restic-debian
RUN apt-get -qq update && apt-get -qq install --no-install-recommends restic >/dev/null \
 && mkdir /programs && cp /usr/bin/restic /programs/

# restic, from its own release. Without a network Debian's is taken, and the build says so.
FROM restic-debian AS restic-release
RUN apt-get -qq install --no-install-recommends bzip2 ca-certificates curl >/dev/null
COPY tools/container/fetch-restic /usr/local/bin/
ARG TARGETARCH=amd64
# Newer ones are larger: docs/container.md has their checksums.
ARG RESTIC_VERSION=0.17.3
ARG RESTIC_SHA256_AMD64=5097faeda6aa13167aae6e36efdba636637f8741fed89bbf015678334632d4d3
ARG RESTIC_SHA256_ARM64=db27b803534d301cef30577468cf61cb2e242165b8cd6d8cd6efd7001be2e557
ARG RESTIC_RELEASES=https://github.com/restic/restic/releases/download
RUN fetch-restic /programs/restic

FROM debian AS rclone-debian
RUN apt-get -qq update && apt-get -qq install --no-install-recommends rclone >/dev/null \
 && mkdir /programs && cp /usr/bin/rclone /programs/

FROM ${PROGRAM} AS program
FROM ${RESTIC} AS restic
FROM ${RCLONE} AS rclone

# What both images have in common: the libraries, the zones, the certificates.
FROM debian AS libraries
COPY tools/lib.sh tools/install-packages tools/packages.txt /source/tools/
RUN /source/tools/install-packages image && rm -rf /var/lib/apt/lists/*

FROM libraries AS root
COPY tools/container/make-root /source/tools/container/
COPY --from=rclone /programs/ /programs/
COPY --from=restic /programs/ /programs/
COPY --from=program /programs/ /programs/
RUN /source/tools/container/make-root /programs /root-of-image

# On Debian, with apt-get, for programs that hooks and streamed targets need:
#   docker build --target full --build-arg PACKAGES="postgresql-client docker.io" .
FROM libraries AS full
ARG PACKAGES=
RUN apt-get -qq update \
 && apt-get -qq install --no-install-recommends openssh-client ${PACKAGES} >/dev/null \
 && rm -rf /var/lib/apt/lists/* /source \
 && groupadd --gid 1000 runner \
 && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /var/lib/runner --shell /usr/sbin/nologin runner \
 && mkdir -p /etc/runner \
 && install -d -o 1000 -g 1000 -m 0711 /var/lib/runner
COPY --from=root /programs/ /usr/bin/
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt RUNNER_LISTEN=0.0.0.0:8787
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="runner" \
      org.opencontainers.image.description="Declarative backups with restic, on Debian" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
USER 1000:1000
VOLUME ["/var/lib/runner"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=30s --start-period=30s --retries=3 CMD ["runner", "healthcheck", "--require-daemon"]
ENTRYPOINT ["runner"]
CMD ["daemon"]

# The image: nothing but what the program needs.
FROM scratch AS slim
COPY --from=root /root-of-image/ /
ENV PATH=/usr/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt RUNNER_LISTEN=0.0.0.0:8787
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="runner" \
      org.opencontainers.image.description="Declarative backups with restic" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
USER 1000:1000
VOLUME ["/var/lib/runner"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=30s --start-period=30s --retries=3 CMD ["runner", "healthcheck", "--require-daemon"]
ENTRYPOINT ["runner"]
CMD ["daemon"]
