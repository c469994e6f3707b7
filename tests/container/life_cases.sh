# Cases of tests/container: a container starts, is healthy or not, stops, dies and comes back.
# shellcheck shell=bash
# shellcheck disable=SC2154 # CASE, FOLDER: of the suite

case_It_starts_with_a_file() {
  local options
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  write_yaml
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  backed_up data box
  expect SUCCESS "$(marker data backup_status)"
  expect_in '1 snapshot' "$(in_box box runner snapshots data)"
  # Nothing of it belongs to root.
  expect '' "$(find "$FOLDER/repository" "$FOLDER/state" ! -uid 1000)"
}

case_The_status_page_is_on() {
  local options
  expect_in RUNNER_LISTEN=0.0.0.0:8787 "$(docker image inspect --format '{{.Config.Env}}' "$FULL")"
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  write_yaml
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  backed_up data box
  expect_in 'Healthy' "$(in_box box wget -qO- http://127.0.0.1:8787/)"
  expect_in '/targets/data' "$(in_box box wget -qO- http://127.0.0.1:8787/)"
}

case_A_wrong_file_ends_it_with_code_2_and_the_place() {
  local options
  folders 1000 data repository state
  write_yaml '    retension: {daily: 7}'
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  wait_for 30 has_ended box
  expect 2 "$(exit_code_of box)"
  expect_in 'did you mean "retention"?' "$(docker logs "$(box box)" 2>&1)"
}

case_A_FAILED_marker_makes_it_unhealthy_and_its_removal_healthy() {
  local options
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  write_yaml
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  backed_up data box
  in_box box cp /var/lib/runner/targets/data/backup_status /tmp/good
  # shellcheck disable=SC2016 # the date of the container
  in_box box sh -c 'printf "FAILED\n%s\nTest failure\n" "$(date +%s)" >/var/lib/runner/targets/data/backup_status'
  wait_for 30 is_unhealthy box
  expect_in 'Test failure' "$(docker inspect --format '{{range .State.Health.Log}}{{.Output}}{{end}}' "$(box box)")"
  in_box box rm /var/lib/runner/targets/data/backup_status
  wait_for 30 is_healthy box
}

# Its upload takes half a minute, in small pieces: restic finishes a piece before it obeys a signal.
slow_backup() {
  local options
  folders 1000 data repository state
  head -c 60000000 /dev/urandom >"$FOLDER/data/large"
  REPOSITORY_MORE='  limits: {upload: 2MiB/s}
  environment: {RESTIC_PACK_SIZE: "4"}' write_yaml
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  wait_for 60 backup_runs
}

backup_runs() {
  marker_is data backup_status RUNNING && [ -n "$(ls "$FOLDER/repository/locks")" ] &&
    [ -n "$(find "$FOLDER/repository/data" -type f)" ]
}

case_A_stop_in_the_middle_of_a_backup_is_orderly() {
  local began
  slow_backup
  began=$SECONDS
  docker stop --time 60 "$(box box)" >/dev/null
  expect 0 "$(exit_code_of box)"
  [ $((SECONDS - began)) -lt 20 ] || fail "it took $((SECONDS - began)) s"
  expect '' "$(ls "$FOLDER/repository/locks")"
  [ "$(marker data backup_status)" != SUCCESS ] && [ "$(marker data backup_status)" != RUNNING ]
}

case_A_stop_of_an_idle_container_is_quick() {
  local options began
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  write_yaml
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  backed_up data box
  began=$SECONDS
  docker stop --time 60 "$(box box)" >/dev/null
  expect 0 "$(exit_code_of box)"
  [ $((SECONDS - began)) -lt 10 ] || fail "it took $((SECONDS - began)) s"
}

case_A_killed_container_goes_on_after_its_restart() {
  slow_backup
  # Stopped, it cannot remove its lock when it is told of the death of process 1.
  # shellcheck disable=SC2016 # in the container
  in_box box sh -c 'kill -STOP $(pidof restic)'
  docker kill "$(box box)" >/dev/null
  expect 137 "$(exit_code_of box)"
  expect RUNNING "$(marker data backup_status)"
  [ -n "$(ls "$FOLDER/repository/locks")" ] || fail "the kill left no lock: it proves nothing"
  write_yaml
  docker start "$(box box)" >/dev/null
  wait_for 90 marker_is data backup_status SUCCESS
  wait_for 30 is_healthy box
  expect '' "$(ls "$FOLDER/repository/locks")"
  expect_in 'interrupted' "$(docker logs "$(box box)" 2>&1)"
}

orphan_is_gone() { ! in_box box test -e "/proc/$1"; }

case_Orphans_are_buried() {
  local options orphan
  folders 1000 data repository state
  echo content >"$FOLDER/data/file"
  write_yaml
  mapfile -t options < <(with_yaml)
  start box "${options[@]}"
  backed_up data box
  # Its parent ends first; then process 1 is its parent.
  orphan=$(in_box box sh -c 'sleep 2 >/dev/null 2>&1 & echo $!')
  expect_in 'PPid:	1' "$(in_box box cat "/proc/$orphan/status")"
  wait_for 20 orphan_is_gone "$orphan"
}

out_of_memory() { grep -qs 'for want of memory' "$FOLDER"/state/targets/default/*_status; }

case_A_restic_without_memory_is_reported_as_such() {
  local options
  folders 1000 data repository state
  head -c 1000000 /dev/urandom >"$FOLDER/data/file"
  mapfile -t options < <(environment_only)
  # Enough for the runner, too little for the derivation of a key.
  start box --user 1000:1000 --memory 36m --memory-swap 36m "${options[@]}"
  wait_for 60 out_of_memory
  expect running "$(state_of box)"
  wait_for 30 is_unhealthy box
  expect_in 'for want of memory' "$(in_box box runner healthcheck || true)"
}

# Their last child's signal may come while they end: once in ten runs that made them wait for ever.
case_Commands_end_as_process_1() {
  local name run
  for run in $(seq 24); do
    name=$(box "$run")
    timeout --signal KILL 30 docker run --name "$name" --label "case=$RUN-$CASE" --network none \
      --env RESTIC_REPOSITORY=/repository --env RESTIC_PASSWORD=x --env BACKUP_INSTANCE=box "$SLIM" plan >/dev/null
    docker rm "$name" >/dev/null
  done
}
