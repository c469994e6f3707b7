#pragma once

namespace runner {

/// What `runner --help` says below the commands.
inline constexpr const char* kExamples = R"(
Examples:
  runner validate                      check the configuration
  runner doctor                        is this machine ready for it?
  runner plan                          what would happen, when, with which command lines
  runner plan --horizon 7d --json      every occurrence of the next week, for programs
  runner run                           back up everything now, then forget old snapshots
  runner run photos                    one target
  runner snapshots photos              what is in the repository
  runner restore photos                bring the newest snapshot back into an empty source
  runner restore photos --to /tmp/old  look at it somewhere else
  runner ack photos                    a suspicious snapshot is right: end its quarantine
  runner adopt photos --from-host c0ffee
                                       restore also from the old container's snapshots
  runner check                         verify the repository
  runner drill photos                  prove that it can be restored: restore some files, and compare
  runner notify --test                 does everybody who should be told get the message?
  runner key list                      the keys of the repository, and which one the runner uses
  runner restic -- stats               restic itself, with this repository's environment
  runner status                        what is due, what runs, what failed and why
  runner explain photos                why it is due, skipped or blocked
  runner history photos --since 7d     what ran, how long it took, and how it ended
  runner logs 4711                     one of those runs: its warnings and its last output
  runner recovery-sheet                a page for the safe: how to get everything back
  runner healthcheck                   one line per target; exit code 0 only if all is well

The configuration is --config, else $RUNNER_CONFIG, else /etc/runner/backup.yaml, else ./backup.yaml; without any of
them the variables of the single-directory container apply (RESTIC_REPOSITORY and so on).
Exit codes: 0 done, 1 a job failed or unhealthy, 2 usage or configuration error, 3 some files could not be read,
4 blocked (a lock, a cap, the repository's state is unknown), 130 interrupted.
)";

}  // namespace runner
