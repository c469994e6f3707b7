# Cases of tests/container: the two compose files, as they are; only networks, waiting times and the storage are those
# of the test.
# shellcheck shell=bash
# shellcheck disable=SC2154 # CASE, FOLDER: of the suite

# compose FILE ARGUMENT...: with the case's own copy of that file, in the folder FOLDER.
compose() {
  local file=$1 command=(docker-compose)
  shift
  if docker compose version >/dev/null 2>&1; then command=(docker compose); fi
  RUNNER_IMAGE=$SLIM APP_IMAGE=$SLIM "${command[@]}" --project-name "$(project)" --project-directory "$FOLDER" \
    --file "$FOLDER/$file" --file "$FOLDER/test.yml" "$@"
}

compose_is_healthy() {
  [ "$(docker inspect --format '{{.State.Health.Status}}' "$(compose "$1" ps --quiet backup)")" = healthy ]
}
compose_marker_is() { [ "$(compose "$1" exec -T backup head -n 1 "/var/lib/runner/targets/$2")" = "$3" ]; }

case_The_compose_file_restores_the_data_before_the_application_starts() {
  local file=docker-compose.yml application
  cp "$CHECKOUT/$file" "$FOLDER"
  folders 1000 photos repository secrets
  for secret in restic_password b2_account_id b2_account_key; do echo "$secret" >"$FOLDER/secrets/$secret"; done
  echo content >"$FOLDER/photos/file"
  cat >"$FOLDER/backup.yaml" <<'EOF'
version: 1
instance: box
repository: {url: /repository, password_file: /run/secrets/restic_password}
defaults: {restore_if_empty: true}
targets:
  photos: {source: /data/photos, schedule: {cron: "0 2 * * *", on_start: true}}
EOF
  cat >"$FOLDER/test.yml" <<'EOF'
services:
  backup: {network_mode: none, healthcheck: {interval: 1s}, volumes: ["./repository:/repository"]}
  photos-ready: {network_mode: none}
  app: {network_mode: none, entrypoint: [cat, /usr/share/nginx/html/file], command: [], healthcheck: {disable: true}}
EOF
  compose $file up --detach backup
  wait_for 60 compose_marker_is $file photos/backup_status SUCCESS
  wait_for 60 compose_is_healthy $file
  compose $file down --volumes
  rm "$FOLDER/photos/file"

  compose $file up --detach
  application=$(compose $file ps --all --quiet app)
  expect 0 "$(docker wait "$application")"
  expect content "$(docker logs "$application")"
  compose $file stop backup
  expect 0 "$(docker inspect --format '{{.State.ExitCode}}' "$(compose $file ps --all --quiet backup)")"
}

case_The_compose_file_for_variables_alone_backs_up_as_PUID() {
  local file=docker-compose.env.yml
  cp "$CHECKOUT/$file" "$FOLDER"
  folders 4321 data repository
  echo content >"$FOLDER/data/file"
  chown 4321:4321 "$FOLDER/data/file"
  chmod 600 "$FOLDER/data/file"
  printf '%s\n' RESTIC_REPOSITORY=/repository RESTIC_PASSWORD=correct-horse PUID=4321 PGID=4321 TZ=Europe/Berlin \
    'BACKUP_SCHEDULE=30 2 * * *' >"$FOLDER/.env"
  cat >"$FOLDER/test.yml" <<'EOF'
services:
  backup: {network_mode: none, healthcheck: {interval: 1s}, volumes: ["./repository:/repository"]}
EOF
  compose $file up --detach
  wait_for 60 compose_marker_is $file default/backup_status SUCCESS
  wait_for 60 compose_is_healthy $file
  expect '' "$(find "$FOLDER/repository" ! -uid 4321)"
  expect_in '02:30 CE' "$(compose $file exec -T backup runner plan)"
}
