# Cases of tests/container: environment only, users, and a restore.
# shellcheck shell=bash
# shellcheck disable=SC2154 # CASE, FOLDER: of the suite

case_It_starts_with_variables_alone() {
  local options
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  mapfile -t options < <(environment_only)
  start box "${options[@]}"
  backed_up default box
  expect SUCCESS "$(marker default backup_status)"
  expect 1000 "$(in_box box id -u)"
}

case_The_root_file_system_is_read_only() {
  local options
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  mapfile -t options < <(environment_only)
  start box "${options[@]}"
  backed_up default box
  expect_in 'Read-only file system' "$(in_box box touch /etc/x 2>&1 || true)"
  # The engine's own files aside, all that was written is on volumes.
  expect '' "$(docker diff "$(box box)" | grep -vE ' /(run|dev|etc|backup|repository|var|var/lib|var/lib/runner)(/secrets|/resolv.conf|/hosts|/hostname)?$' || true)"
}

case_PUID_and_PGID_are_who_the_jobs_are() {
  local options
  folders 0 state
  folders 4321 repository data
  echo content >"$FOLDER/data/file"
  chmod 600 "$FOLDER/data/file"
  chown 4321:4321 "$FOLDER/data/file"
  mapfile -t options < <(environment_only)
  start box "${ROOT_OPTIONS[@]}" --env PUID=4321 --env PGID=4321 "${options[@]}"
  backed_up default box
  expect '' "$(find "$FOLDER/repository" ! -uid 4321)"
  expect '4321 600' "$(stat -c '%u %a' "$FOLDER/data/file")"
}

case_An_empty_volume_is_filled_from_the_repository() {
  local options
  folders 0 data repository state
  mkdir "$FOLDER/data/folder"
  echo content >"$FOLDER/data/folder/file"
  echo other >"$FOLDER/data/other"
  chown 1234:2345 "$FOLDER/data/folder/file"
  chmod 640 "$FOLDER/data/folder/file"
  ln -s folder/file "$FOLDER/data/link"
  mapfile -t options < <(environment_only)
  start first "${ROOT_OPTIONS[@]}" --env PUID=0 --env PGID=0 "${options[@]}"
  backed_up default first
  docker rm --force "$(box first)" >/dev/null

  # Another machine: the repository is all that is left.
  mv "$FOLDER/data" "$FOLDER/lost"
  rm -rf "$FOLDER/state"
  folders 0 data state
  start second "${ROOT_OPTIONS[@]}" --env PUID=0 --env PGID=0 "${options[@]}"
  backed_up default second
  expect SUCCESS "$(marker default restore_status)"
  diff -r "$FOLDER/lost" "$FOLDER/data"
  expect '1234 2345 640' "$(stat -c '%u %g %a' "$FOLDER/data/folder/file")"
  expect folder/file "$(readlink "$FOLDER/data/link")"
}
