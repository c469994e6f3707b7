# What the cases of tests/container share. CASE is the case's name, FOLDER its own folder.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # CASE, FOLDER: of the suite; ROOT_OPTIONS: for the cases

# Root with PUID and PGID can do no more than this.
ROOT_OPTIONS=(--user 0:0 --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add KILL --cap-add SETGID
  --cap-add SETUID)

# fail TEXT...: ends the case.
fail() {
  printf 'FAILED: %s\n' "$*"
  return 1
}

# expect WANTED GOT: two texts that must be the same.
expect() { [ "$1" = "$2" ] || fail "expected \"$1\", got \"$2\""; }

# expect_in PART TEXT: the text must contain the part.
expect_in() { [[ $2 == *"$1"* ]] || fail "expected \"$1\" in: $2"; }

# wait_for SECONDS COMMAND...: until the command succeeds; fails after that time.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "waited in vain for: $*"
    sleep 0.2
  done
}

# project: the name of this case's compose project.
project() { echo "$RUN-${CASE,,}"; }

# box NAME: the container's full name.
box() { echo "$RUN-$CASE-$1"; }

# start NAME OPTION... [-- COMMAND...]: starts a container as the compose files do: nothing may be written but volumes
# and /tmp, and there are no capabilities. The healthcheck looks each second, so that a case need not wait for minutes.
start() {
  local name=$1 options=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  docker run --detach --name "$(box "$name")" --label "case=$RUN-$CASE" --network none --read-only --tmpfs /tmp:mode=1777 \
    --cap-drop ALL --security-opt no-new-privileges --health-interval 1s --health-retries 1 --health-start-period 1s \
    "${options[@]}" "$SLIM" "$@" >/dev/null
}

# folders OWNER NAME...: folders of this case, which belong to that user.
folders() {
  local owner=$1
  shift
  for name in "$@"; do install -d -o "$owner" -g "$owner" "$FOLDER/$name"; done
}

# in_box NAME COMMAND...: runs a command in a running container.
in_box() { docker exec "$(box "$1")" "${@:2}"; }

state_of() { docker inspect --format '{{.State.Status}}' "$(box "$1")"; }
health_of() { docker inspect --format '{{.State.Health.Status}}' "$(box "$1")"; }
exit_code_of() { docker inspect --format '{{.State.ExitCode}}' "$(box "$1")"; }
is_healthy() { [ "$(health_of "$1")" = healthy ]; }
is_unhealthy() { [ "$(health_of "$1")" = unhealthy ]; }
# backed_up TARGET BOX: the first backup is done and the container healthy. (A new target is healthy before.)
backed_up() {
  wait_for 60 marker_is "$1" backup_status SUCCESS
  wait_for 60 is_healthy "$2"
}
has_ended() { [ "$(state_of "$1")" = exited ]; }

# marker TARGET NAME: a marker's first line. The state folder of a case is $FOLDER/state.
marker() { head -n 1 "$FOLDER/state/targets/$1/$2"; }
marker_is() { [ "$(marker "$1" "$2")" = "$3" ]; }

# Environment of the container that has no YAML file.
environment_only() {
  printf '%s\n' --env RESTIC_REPOSITORY=/repository --env RESTIC_PASSWORD=correct-horse --env BACKUP_INSTANCE=box \
    --volume "$FOLDER/repository:/repository" --volume "$FOLDER/data:/backup" --volume "$FOLDER/state:/var/lib/runner"
}

# write_yaml [LINE...]: $FOLDER/backup.yaml with one target `data` and more lines.
write_yaml() {
  cat >"$FOLDER/backup.yaml.new" <<EOF
version: 1
instance: box
repository:
  url: /repository
  password_file: /run/secrets/restic_password
${REPOSITORY_MORE:-}
targets:
  data:
    source: /data
    schedule: {cron: "0 2 * * *", on_start: true}
EOF
  printf '%s\n' "$@" >>"$FOLDER/backup.yaml.new"
  # In place: a mounted file stays the same file.
  cat "$FOLDER/backup.yaml.new" >"$FOLDER/backup.yaml"
  echo correct-horse >"$FOLDER/password"
}

# The options of a container with that file.
with_yaml() {
  printf '%s\n' --volume "$FOLDER/backup.yaml:/etc/runner/backup.yaml:ro" \
    --volume "$FOLDER/password:/run/secrets/restic_password:ro" --volume "$FOLDER/repository:/repository" \
    --volume "$FOLDER/data:/data" --volume "$FOLDER/state:/var/lib/runner"
}

# show_evidence COMMAND: where the case failed, and what became of its containers.
show_evidence() {
  local id level
  trap - ERR
  printf 'failed: %s\n' "$1"
  for ((level = 1; level < ${#FUNCNAME[@]} - 2; level++)); do
    printf '  in %s, line %s\n' "${FUNCNAME[level]}" "${BASH_LINENO[level - 1]}"
  done
  for id in $(docker ps --all --quiet --filter "name=$RUN-$CASE") $(docker ps --all --quiet --filter "name=$(project)"); do
    docker inspect --format '{{.Name}} {{json .State}}' "$id" || true
    docker logs --tail 25 "$id" 2>&1 || true
  done
}

remove_everything() {
  docker ps --all --quiet --filter "name=$RUN" | xargs --no-run-if-empty docker rm --force --volumes >/dev/null 2>&1 || true
  docker volume ls --quiet --filter "name=$RUN" | xargs --no-run-if-empty docker volume rm >/dev/null 2>&1 || true
  docker image ls --format '{{.Repository}}' "$RUN-*" | xargs --no-run-if-empty docker image rm --force >/dev/null 2>&1 || true
  rm -rf "$WORK"
}
