# Cases of tests/container: the two compose files, as they are; only networks and storage are those of the test.
# shellcheck shell=bash
# shellcheck disable=SC2154 # CASE, FOLDER: of the suite
: # the cases come with the files
