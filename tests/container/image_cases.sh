# Cases of tests/container: what is in the images.
# shellcheck shell=bash
# shellcheck disable=SC2154 # CASE, FOLDER: of the suite

case_The_image_has_at_most_50_MB_on_disk() {
  local size
  size=$(docker image inspect --format '{{.Size}}' "$SLIM")
  [ "$size" -gt 20000000 ] || fail "it has only $size bytes"
  [ "$size" -le 50000000 ] || fail "it has $size bytes"
}

case_Half_of_it_is_to_download() {
  local size
  size=$(docker save "$SLIM" | gzip -6 | wc -c)
  [ "$size" -gt 5000000 ] || fail "it was not saved"
  [ "$size" -le 25000000 ] || fail "it has $size bytes to download"
}

case_The_image_says_how_it_is_run() {
  expect SIGTERM "$(docker image inspect --format '{{.Config.StopSignal}}' "$SLIM")"
  expect 1000:1000 "$(docker image inspect --format '{{.Config.User}}' "$SLIM")"
  expect '[runner] [daemon]' "$(docker image inspect --format '{{.Config.Entrypoint}} {{.Config.Cmd}}' "$SLIM")"
  expect '[CMD runner healthcheck --require-daemon] 1m0s 30s 30s 3' "$(docker image inspect --format \
    '{{with .Config.Healthcheck}}{{.Test}} {{.Interval}} {{.Timeout}} {{.StartPeriod}} {{.Retries}}{{end}}' "$SLIM")"
  expect 'map[/var/lib/runner:{}]' "$(docker image inspect --format '{{.Config.Volumes}}' "$SLIM")"
  expect MIT "$(docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.licenses"}}' "$SLIM")"
}

case_The_program_and_restic_start_in_both_images() {
  local image
  for image in "$SLIM" "$FULL"; do
    expect_in 'runner ' "$(docker run --rm --network none "$image" --version)"
    expect_in 'restic 0.' "$(docker run --rm --network none --entrypoint restic "$image" version)"
    expect 1000 "$(docker run --rm --network none --entrypoint id "$image" -u)"
  done
  docker run --rm --network none --user 0:0 --entrypoint apt-get "$FULL" --version
}

case_The_shell_of_the_image_has_the_usual_commands() {
  expect 'a b' "$(docker run --rm --network none --entrypoint sh "$SLIM" -c 'printf "b\na\n" | sort | xargs echo')"
}

case_The_image_trusts_the_authorities_of_Debian() {
  local count
  count=$(docker run --rm --network none --entrypoint sh "$SLIM" -c 'grep -c BEGIN.CERTIFICATE "$SSL_CERT_FILE"')
  [ "$count" -gt 100 ] || fail "only $count certificates"
}

case_The_image_knows_every_time_zone() {
  local list='cd /usr/share/zoneinfo && find -L . -type f ! -path "./right/*" ! -path "./posix/*" ! -name "*.*" \
    ! -name localtime ! -name leapseconds ! -name posixrules | sort'
  docker run --rm --network none --entrypoint sh "$FULL" -c "$list" >"$FOLDER/debian"
  docker run --rm --network none --entrypoint sh "$SLIM" -c "$list" | grep -v '\./localtime' >"$FOLDER/slim"
  [ "$(wc -l <"$FOLDER/slim")" -gt 400 ]
  diff "$FOLDER/debian" "$FOLDER/slim"
}

# noon_in_berlin TIME: a little after it, as `plan` shows it for that day.
noon_in_berlin() {
  docker run --rm --network none --env TZ=Europe/Berlin --env RESTIC_REPOSITORY=/repository --env BACKUP_INSTANCE=box \
    --env RESTIC_PASSWORD=x --env BACKUP_SCHEDULE='30 12 * * *' "$SLIM" plan --offline --at "$1" |
    grep -o '12:30 CES*T'
}

# The files of the zones list no year after the last change of the rules.
case_Summer_time_begins_and_ends_in_the_years_to_come() {
  expect '12:30 CET' "$(noon_in_berlin 2031-01-15T00:00:00Z)"
  expect '12:30 CEST' "$(noon_in_berlin 2031-07-15T00:00:00Z)"
  expect '12:30 CEST' "$(noon_in_berlin 2044-07-15T00:00:00Z)"
}

case_A_time_zone_of_the_environment_is_obeyed() {
  local plan
  plan=$(docker run --rm --network none --env TZ=Asia/Kathmandu --env RESTIC_REPOSITORY=/repository --env BACKUP_INSTANCE=box \
    --env RESTIC_PASSWORD=x --env BACKUP_SCHEDULE='30 2 * * *' "$SLIM" plan)
  expect_in 'Asia/Kathmandu' "$plan"
  expect_in '02:30 +0545' "$plan"
  # What is not in the file system is refused, not taken for UTC.
  ! docker run --rm --network none --env TZ=Asia/Nowhere --env RESTIC_REPOSITORY=/r --env BACKUP_INSTANCE=box \
    --env RESTIC_PASSWORD=x "$SLIM" validate || fail "an unknown zone was accepted"
}

# fetch VERSION CHECKSUM [RELEASES]: what the build does; the releases are a folder of this case.
fetch() {
  RESTIC_VERSION=$1 RESTIC_SHA256_AMD64=$2 TARGETARCH=amd64 RESTIC_RELEASES=${3:-file://$FOLDER} \
    "$CHECKOUT/tools/container/fetch-restic" "$FOLDER/restic"
}

case_A_restic_with_another_checksum_is_refused() {
  local sum
  mkdir "$FOLDER/v1"
  printf '#!/bin/sh\necho the release\n' | bzip2 >"$FOLDER/v1/restic_1_linux_amd64.bz2"
  sum=$(sha256sum "$FOLDER/v1/restic_1_linux_amd64.bz2" | cut -d ' ' -f 1)
  printf '#!/bin/sh\necho of Debian\n' >"$FOLDER/restic"
  chmod +x "$FOLDER/restic"

  ! fetch 1 "${sum//[0-9]/0}" || fail "a wrong checksum was accepted"
  ! fetch 1 '' || fail "no checksum was accepted"
  expect 'of Debian' "$("$FOLDER/restic")"
  expect 'the release' "$(fetch 1 "$sum")"
  expect 'the release' "$("$FOLDER/restic")"
}

case_Without_a_network_Debians_restic_is_taken_and_the_build_says_so() {
  printf '#!/bin/sh\necho of Debian\n' >"$FOLDER/restic"
  chmod +x "$FOLDER/restic"
  # Nobody listens on port 1.
  expect_in 'the image gets of Debian' "$(fetch 1 aa http://127.0.0.1:1)"
  rm "$FOLDER/restic"
  ! fetch 1 aa http://127.0.0.1:1 || fail "no restic at all was accepted"
}
