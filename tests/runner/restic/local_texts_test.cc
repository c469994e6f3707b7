#include "tests/runner/restic/failure_case.h"

namespace runner {
namespace {

#define BACKTRACE                                                                  \
  "\ngithub.com/restic/restic/internal/repository.(*Repository).LoadBlob\n\t/src/" \
  "repository.go:256\n"                                                            \
  "runtime.goexit\n\truntime/asm_amd64.s:1594\n"

const Case kCases[] = {
    {"DiskFull", kOld, 1,
     "Fatal: unable to save snapshot: write /srv/repo/data/x-tmp-1: no space left on device\n",
     Cause::kDiskFull, "no space left on device"},
    {"QuotaExceeded", kOld, 1,
     "Fatal: unable to save snapshot: write /srv/repo/data/x-tmp-1: disk quota exceeded\n",
     Cause::kDiskFull, "disk quota exceeded"},
    {"PermissionOld", kOld, 1,
     "Fatal: unable to open repository at /srv/repo: ReadDir: open /srv/repo/keys: permission "
     "denied\n",
     Cause::kPermission, "permission denied"},
    {"PermissionNew", kNew, 1,
     "Stat(<config/>) failed: stat /srv/repo/config: permission denied\nFatal: unable to open "
     "config file: stat "
     "/srv/repo/config: permission denied\n/srv/repo\n",
     Cause::kPermission, "permission denied"},
    {"CacheNotWritable", kNew, 1,
     "unable to open cache: mkdir /proc/foo: permission denied\n"
     R"({"message_type":"exit_error","code":1,"message":"mkdir /proc/foo: permission denied\ngithub.com/restic/restic/internal/backend/cache.New\n\t/src/cache.go:89"})",
     Cause::kPermission, "permission denied"},
    {"ReadOnly", kOld, 1,
     "unable to create lock in backend: open /srv/repo/locks/x-tmp-1: read-only file system\n",
     Cause::kPermission, "read-only file system"},
    {"GoOutOfMemory", kOld, 2, "fatal error: runtime: out of memory\n", Cause::kOutOfMemory,
     "out of memory"},

    {"CheckFoundErrors", kOld, 1,
     "error for tree 0704375b:\n  id 0704375b not found in repository\nFatal: repository contains "
     "errors\n",
     Cause::kDamaged, "repository contains errors"},
    {"CheckFoundErrorsNew", kNew, 1,
     "error for tree 3a853d19:\n\nThe repository is damaged and must be repaired. Please follow "
     "the troubleshooting "
     "guide\n\nFatal: repository contains errors\n",
     Cause::kDamaged, "repository contains errors"},
    {"PruneFoundMissingTree", kOld, 1,
     "id 0704375b1b07f580e9f50457ea2f19787bb16b4c1ec27bd8ad8da793453ef268 not found in "
     "repository" BACKTRACE,
     Cause::kDamaged, "not found in repository"},
    {"PruneFoundMissingTreeNew", kNew, 1,
     "Fatal: failed finding blobs: id 3a853d19 not found in repository\n", Cause::kDamaged,
     "not found in repository"},
    {"Ciphertext", kOld, 1,
     "could not load snapshot 7fd78423: ciphertext verification failed\nFatal: There were 1 "
     "errors\n",
     Cause::kDamaged, "ciphertext verification failed"},
    {"PackIds", kOld, 1,
     "Pack ID does not match, want 1234, got 5678\nFatal: There were 1 errors\n", Cause::kDamaged,
     "Pack ID does not match"},
    {"TreeNotKnown", kOld, 3,
     "error: tree 12 is not known; the repository could be damaged, run `rebuild-index` to try to "
     "repair it\n"
     "Warning: at least one source file could not be read\n",
     Cause::kDamaged, "could be damaged"},
    {"InvalidSnapshotNew", kNew, 1,
     "Ignoring \"1c5e\": failed to load snapshot 1c5e: LoadRaw(<snapshot/1c5ea4b45e>): invalid "
     "data returned\n",
     Cause::kDamaged, "invalid data returned"},

    {"Incomplete", kOld, 3,
     R"({"message_type":"error","error":{"Op":"open","Path":"/d/secret","Err":13},"during":"archival","item":"/d/secret"})"
     "\nWarning: at least one source file could not be read\n",
     Cause::kIncomplete, "at least one source file could not be read"},
    {"IncompleteNew", kNew, 3,
     R"({"message_type":"exit_error","code":3,"message":"Warning: at least one source file could not be read"})",
     Cause::kIncomplete, "at least one source file could not be read"},
    {"IncompleteAfterARetriedUpload", kOld, 3,
     "Save(<data/adcf67438e>) returned error, retrying after 552.330144ms: Close: b2_upload_file: "
     "403: cap exceeded\n"
     "Warning: at least one source file could not be read\n",
     Cause::kIncomplete, "at least one source file could not be read"},
    {"ForgetCouldNotRemoveSome", kNew, 3, "failed to remove one or more snapshots\n",
     Cause::kUnknown, "failed to remove one or more snapshots"},
    {"SourceMissing", kOld, 1,
     "/data/x does not exist, skipping\nFatal: all target directories/files do not exist\n",
     Cause::kSourceMissing, "do not exist"},
    {"SourceMissingNew", kNew, 1,
     "/data/x does not exist, skipping\n"
     R"({"message_type":"exit_error","code":1,"message":"Fatal: all source directories/files do not exist"})",
     Cause::kSourceMissing, "do not exist"},

    {"UnknownFlag", kOld, 1, "unknown flag: --retry-lock\n", Cause::kUsage, "--retry-lock"},
    {"UnknownFlagNew", kNew, 1,
     R"({"message_type":"exit_error","code":1,"message":"unknown flag: --bogus"})", Cause::kUsage,
     "--bogus"},
    {"UnknownCommand", kOld, 1, "unknown command \"bogus\" for \"restic\"\n", Cause::kUsage,
     "bogus"},
    {"Interrupted", kOld, 130, "\x1b[2Ksignal interrupt received, cleaning up\n",
     Cause::kInterrupted, "interrupted"},
    {"InterruptedWhileOpening", kNew, 1,
     "Fatal: unable to open config file: context canceled\nrest:http://h/\n", Cause::kInterrupted,
     "context canceled"},
    {"UnknownText", kOld, 1, "first\nFatal: the moon is full\nlast\n", Cause::kUnknown,
     "the moon is full"},
    {"UnknownCode", kOld, 42, "", Cause::kUnknown, "exit code 42"},

    {"FileNameInAnUnreadableFile", kOld, 1,
     R"({"message_type":"error","error":{"Op":"open","Path":"b2_upload_file: 403: cap exceeded.txt","Err":13},"during":"archival","item":"/403 storage cap exceeded. See the Caps & Alerts page.txt"})"
     "\nFatal: the moon is full\n",
     Cause::kUnknown, "the moon is full"},
    {"FileNameInARestoreError", kOld, 1,
     "ignoring error for /b2_upload_file: 403: cap exceeded. See the Caps & Alerts page: "
     "gone\nFatal: There were 1 "
     "errors\n",
     Cause::kUnknown, "There were 1 errors"},
    {"FileNameOfAMissingSource", kOld, 1,
     "/data/wrong password or no key found does not exist, skipping\nFatal: the moon is full\n",
     Cause::kUnknown, "the moon is full"},
    {"BareNumbersSayNothing", kOld, 1, "Fatal: 401 403 404 500 503\n", Cause::kUnknown, "401 403"},
};

class LocalTexts : public ::testing::TestWithParam<Case> {};

TEST_P(LocalTexts, AreClassified) { ExpectClassified(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Failure, LocalTexts, ::testing::ValuesIn(kCases),
                         [](const auto& text) { return std::string(text.param.name); });

}  // namespace
}  // namespace runner
