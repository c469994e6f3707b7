#include "runner/restic/failure_rules.h"

#include <array>

namespace runner {
namespace {

constexpr const char* kForbidden =
    "the server forbids this; one that is append-only removes nothing: remove old snapshots where "
    "it runs, and here set `prune: off` and `retention: {last: unlimited}`";

constexpr const char* kManyKeys =
    "restic tries no more than 20 keys: set RESTIC_KEY_HINT under repository.environment to the id "
    "of "
    "yours, and remove those that nobody uses with `runner restic -- key remove`";

constexpr std::array kRules = {
    // The storage provider, as B2's own client, the S3 client, rclone and the REST server say it.
    Rule{Cause::kCapExceeded, Where::kAnywhere, "cap exceeded. See the Caps & Alerts page"},
    Rule{Cause::kCapExceeded, Where::kAnywhere, "(403 storage_cap_exceeded)"},
    Rule{Cause::kCapExceeded, Where::kAnywhere, "(403 download_cap_exceeded)"},
    Rule{Cause::kCapExceeded, Where::kAnywhere, "(403 transaction_cap_exceeded)"},
    Rule{Cause::kKeyRefused, Where::kAnywhere,
         "The request signature we calculated does not match"},
    Rule{Cause::kKeyRefused, Where::kAnywhere,
         "ccess key ID you provided does not exist in our records."},
    Rule{Cause::kKeyRefused, Where::kEnd, "Access Denied."},
    Rule{Cause::kKeyRefused, Where::kAnywhere, "(401 unauthorized)"},
    Rule{Cause::kKeyRefused, Where::kAnywhere, "(401 bad_auth_token)"},
    Rule{Cause::kKeyRefused, Where::kAnywhere,
         "unexpected HTTP response (401): ", "check user and password in repository.url"},
    Rule{Cause::kKeyRefused, Where::kAnywhere, "unexpected HTTP response (403): ", kForbidden},
    Rule{Cause::kKeyRefused, Where::kStart, "blob not removed, server response: 403 ", kForbidden},
    Rule{Cause::kKeyRefused, Where::kAnywhere, "Permission denied (publickey",
         "check the ssh key of the user that runs the jobs"},
    Rule{Cause::kKeyRefused, Where::kEnd, "Host key verification failed.",
         "add the server's host key to known_hosts of the user that runs the jobs"},
    Rule{Cause::kWrongPassword, Where::kWhole, "wrong password or no key found"},
    Rule{Cause::kWrongPassword, Where::kStart, "an empty password is not "},
    Rule{Cause::kWrongPassword, Where::kWhole, "maximum number of keys reached", kManyKeys},
    Rule{Cause::kLocked, Where::kAnywhere, "repository is already locked "},
    Rule{Cause::kBucketAbsent, Where::kEnd, ": bucket not found"},
    Rule{Cause::kBucketAbsent, Where::kAnywhere, "The specified bucket does not exist"},
    Rule{Cause::kBucketAbsent, Where::kStart, "repository does not exist at b2:"},
    Rule{Cause::kNoRepository, Where::kStart,
         "repository does not exist: unable to open config file: "},
    // The content of the repository.
    Rule{Cause::kDamaged, Where::kWhole, "repository contains errors"},
    Rule{Cause::kDamaged, Where::kAnywhere, "ciphertext verification failed"},
    Rule{Cause::kDamaged, Where::kStart, "Pack ID does not match, want "},
    Rule{Cause::kDamaged, Where::kEnd, " not found in repository"},
    Rule{Cause::kDamaged, Where::kAnywhere, " is not known; the repository could be damaged"},
    Rule{Cause::kDamaged, Where::kAnywhere, "The repository is damaged and must be repaired."},
    Rule{Cause::kDamaged, Where::kEnd, "): invalid data returned"},
    // This machine.
    Rule{Cause::kDiskFull, Where::kEnd, ": no space left on device"},
    Rule{Cause::kDiskFull, Where::kEnd, ": disk quota exceeded"},
    Rule{Cause::kDiskFull, Where::kAnywhere, "unexpected HTTP response (507): "},
    Rule{Cause::kPermission, Where::kEnd, ": permission denied"},
    Rule{Cause::kPermission, Where::kEnd, ": operation not permitted"},
    Rule{Cause::kPermission, Where::kEnd, ": read-only file system"},
    Rule{Cause::kOutOfMemory, Where::kAnywhere, "cannot allocate memory"},
    Rule{Cause::kOutOfMemory, Where::kStart, "fatal error: runtime: out of memory"},
    Rule{Cause::kProgramMissing, Where::kAnywhere, ": executable file not found in $PATH"},
    Rule{Cause::kSourceMissing, Where::kWhole, "all target directories/files do not exist"},
    Rule{Cause::kSourceMissing, Where::kWhole, "all source directories/files do not exist"},
    Rule{Cause::kUsage, Where::kStart, "unknown flag: "},
    Rule{Cause::kUsage, Where::kStart, "unknown shorthand flag: "},
    Rule{Cause::kUsage, Where::kStart, "unknown command "},
    Rule{Cause::kUsage, Where::kStart, "invalid argument "},
    // The way to the storage.
    Rule{Cause::kNetwork, Where::kStart, "subprocess ssh: ssh: "},
    Rule{Cause::kNetwork, Where::kAnywhere, "no tomes available"},
    Rule{Cause::kNetwork, Where::kAnywhere, ": dial tcp"},
    Rule{Cause::kNetwork, Where::kAnywhere,
         "x509: ", "the server's certificate is not trusted here; see SSL_CERT_FILE"},
    Rule{Cause::kNetwork, Where::kAnywhere, ": proxyconnect tcp"},
    Rule{Cause::kNetwork, Where::kAnywhere, "net/http: TLS handshake timeout"},
    Rule{Cause::kNetwork, Where::kEnd, ": connection reset by peer"},
    Rule{Cause::kNetwork, Where::kEnd, ": i/o timeout"},
    Rule{Cause::kNetwork, Where::kEnd, ": broken pipe"},
    Rule{Cause::kNetwork, Where::kEnd, ": EOF"},
    Rule{Cause::kNetwork, Where::kEnd, ": unexpected EOF"},
    Rule{Cause::kNetwork, Where::kAnywhere, "unexpected HTTP response (429): "},
    Rule{Cause::kNetwork, Where::kAnywhere, "unexpected HTTP response (500): "},
    Rule{Cause::kNetwork, Where::kAnywhere, "unexpected HTTP response (502): "},
    Rule{Cause::kNetwork, Where::kAnywhere, "unexpected HTTP response (503): "},
    Rule{Cause::kNetwork, Where::kAnywhere, "unexpected HTTP response (504): "},
    Rule{Cause::kNetwork, Where::kAnywhere, "server response unexpected: 5"},
    Rule{Cause::kInterrupted, Where::kEnd, "context canceled"},
};

}  // namespace

bool Matches(const Rule& rule, std::string_view line) {
  switch (rule.where) {
    case Where::kWhole:
      return line == rule.text;
    case Where::kStart:
      return line.starts_with(rule.text);
    case Where::kEnd:
      return line.ends_with(rule.text);
    case Where::kAnywhere:
      return line.find(rule.text) != std::string_view::npos;
  }
  return false;
}

std::span<const Rule> FailureRules() { return kRules; }

}  // namespace runner
