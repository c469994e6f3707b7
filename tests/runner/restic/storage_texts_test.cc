#include "tests/runner/restic/failure_case.h"

namespace runner {
namespace {

#define TAIL "\nIs there a repository at the following location?\nb2:bucket:r\n"
#define BACKTRACE                                                                  \
  "\ngithub.com/restic/restic/internal/repository.(*Repository).LoadBlob\n\t/src/" \
  "repository.go:256\n"                                                            \
  "runtime.goexit\n\truntime/asm_amd64.s:1594\n"

const Case kCases[] = {
    {"WrongPassword", kOld, 1, "Fatal: wrong password or no key found\n", Cause::kWrongPassword,
     "wrong password or no key found"},
    {"WrongPasswordNew", kNew, 12, "Fatal: wrong password or no key found\n", Cause::kWrongPassword,
     "wrong password or no key found"},
    {"WrongPasswordNewJson", kNew, 12,
     R"({"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"})",
     Cause::kWrongPassword, "wrong password or no key found"},
    {"EmptyPassword", kOld, 1, "Fatal: an empty password is not a password\n",
     Cause::kWrongPassword, "an empty password"},
    {"EmptyPasswordNew", kNew, 1,
     "Fatal: an empty password is not allowed by default. Pass the flag `--insecure-no-password` "
     "to restic to "
     "disable this check\n",
     Cause::kWrongPassword, "an empty password"},
    {"Code12MeansNothingBefore0171", {0, 17, 0}, 12, "something\n", Cause::kUnknown, "something"},

    {"NoRepositoryLocal", kOld, 1,
     "Fatal: unable to open config file: stat /srv/repo/config: no such file or directory\n"
     "Is there a repository at the following location?\n/srv/repo\n",
     Cause::kNoRepository, "stat /srv/repo/config: no such file or directory"},
    {"NoRepositoryB2", kOld, 1,
     "Fatal: unable to open config file: Stat: b2_download_file_by_name: 404: File with such name "
     "does not exist." TAIL,
     Cause::kNoRepository, "404: File with such name does not exist."},
    {"NoRepositoryB2Head",
     {0, 16, 5},
     1,
     "Fatal: unable to open config file: Stat: b2_download_file_by_name: 404: " TAIL,
     Cause::kNoRepository,
     "404"},
    {"NoRepositoryS3", kOld, 1,
     "Fatal: unable to open config file: Stat: The specified key does not exist." TAIL,
     Cause::kNoRepository, "The specified key does not exist."},
    {"NoRepositoryRest", kOld, 1,
     "Fatal: unable to open config file: <config/> does not exist" TAIL, Cause::kNoRepository,
     "<config/> does not exist"},
    {"NoRepositoryNew", kNew, 10,
     "Fatal: repository does not exist: unable to open config file: stat /srv/repo/config: no such "
     "file or "
     "directory\nIs there a repository at the following location?\n/srv/repo\n",
     Cause::kNoRepository, "repository does not exist"},
    {"Code10MeansNothingBefore017", {0, 16, 5}, 10, "something\n", Cause::kUnknown, "something"},
    {"NoRepositoryNeedsTheQuestion", kOld, 1,
     "Fatal: unable to open config file: stat /srv/repo/config: no such file or directory\n",
     Cause::kUnknown, "stat"},
    {"PermissionIsNotNoRepository", kOld, 1,
     "Fatal: unable to open config file: stat /srv/repo/config: permission denied" TAIL,
     Cause::kPermission, "permission denied"},
    {"RefusedConnectionIsNotNoRepository", kOld, 1,
     "Fatal: unable to open config file: client.Head: Head \"http://127.0.0.1:1/x/config\": dial "
     "tcp 127.0.0.1:1: "
     "connect: connection refused" TAIL,
     Cause::kNetwork, "connection refused"},

    {"B2WrongKey", kOld, 1,
     "Fatal: unable to open repository at b2:B:r: b2.NewClient: b2_authorize_account: 401: \n",
     Cause::kKeyRefused, "Backblaze B2 refused the key (b2_authorize_account: 401)"},
    {"B2AuthorizeForbidden", kOld, 1,
     "Fatal: unable to open repository at b2:B:r: b2.NewClient: b2_authorize_account: 403: Account "
     "is closed\n",
     Cause::kKeyRefused, "403: Account is closed"},
    {"B2NoListBuckets", kOld, 1,
     "Fatal: unable to open repository at b2:B:r: Bucket: b2_list_buckets: 401: \n",
     Cause::kKeyRefused, "b2_list_buckets: 401"},
    {"B2BucketAbsent", kOld, 1,
     "Fatal: unable to open repository at b2:no-such-bucket:r: Bucket: no-such-bucket: bucket not "
     "found\n",
     Cause::kBucketAbsent, "bucket not found"},
    {"B2BucketAbsentNew", kNew, 10,
     "Fatal: repository does not exist at b2:no-such-bucket:r: repository does not exist\n",
     Cause::kBucketAbsent, "b2:no-such-bucket:r"},
    {"B2DownloadCap", kOld, 1,
     "Fatal: unable to open config file: Stat: b2_download_file_by_name: 403: Cannot download "
     "file, download "
     "bandwidth or transaction (Class B) cap exceeded. See the Caps & Alerts page to increase your "
     "cap." TAIL,
     Cause::kCapExceeded, "cap exceeded"},
    {"B2DownloadCapWithoutText", kNew, 1,
     "Fatal: unable to open config file: Stat: b2_download_file_by_name: 403: \nb2:bucket:r\n",
     Cause::kCapExceeded, "b2_download_file_by_name: 403"},
    {"B2NoReadFiles", kOld, 1,
     "Fatal: unable to open config file: Stat: b2_download_file_by_name: 401: " TAIL,
     Cause::kKeyRefused, "b2_download_file_by_name: 401"},
    {"B2ListBroken", kOld, 1,
     "List(key) returned error, retrying after 552.330144ms: b2_list_file_names: 502: \n"
     "Fatal: b2_list_file_names: 502: \n",
     Cause::kNetwork, "b2_list_file_names: 502"},
    {"B2ListCap", kOld, 1,
     "List(key) returned error, retrying after 552.330144ms: b2_list_file_names: 403: transaction "
     "cap exceeded\n"
     "Fatal: b2_list_file_names: 403: transaction cap exceeded\n",
     Cause::kCapExceeded, "transaction cap exceeded"},
    {"B2StorageCapOnTheLock", kOld, 1,
     "Save(<lock/8785c289d7>) returned error, retrying after 552.330144ms: Close: b2_upload_file: "
     "403: Cannot upload "
     "files, storage cap exceeded. See the Caps & Alerts page to increase your cap." BACKTRACE
     "unable to create lock in backend\n",
     Cause::kCapExceeded, "storage cap exceeded"},
    {"B2StorageCapOnData", kOld, 1,
     "Fatal: unable to save snapshot: Close: b2_upload_file: 403: Cannot upload files, storage cap "
     "exceeded. See the "
     "Caps & Alerts page to increase your cap.\n",
     Cause::kCapExceeded, "storage cap exceeded"},
    {"B2NoWriteFiles", kOld, 1,
     "Save(<lock/8785c289d7>) returned error, retrying after 552.330144ms: Close: "
     "b2_get_upload_url: 401: \n"
     "unable to create lock in backend\n",
     Cause::kKeyRefused, "b2_get_upload_url: 401"},
    {"B2NoDeleteFiles", kOld, 1,
     "Remove(<snapshot/03bd7527aa>) returned error, retrying after 552.330144ms: Delete: "
     "b2_delete_file_version: 401: "
     "\nunable to remove <snapshot/03bd7527aa> from the repository\n",
     Cause::kKeyRefused, "b2_delete_file_version: 401"},
    {"B2CapWhileRestoring", kOld, 1,
     "Load(<data/adcf67438e>, 1300203, 0) returned error, retrying after 552.330144ms: ReadFull: "
     "b2_download_file_by_name: 403: Cannot download file, cap exceeded. See the Caps & Alerts "
     "page\n"
     "ignoring error for /a: ReadFull: gone\nFatal: There were 8 errors\n",
     Cause::kCapExceeded, "cap exceeded"},

    {"S3WrongSecret", kOld, 1,
     "Fatal: unable to open config file: Stat: The request signature we calculated does not match "
     "the signature you "
     "provided. Check your key and signing method." TAIL,
     Cause::kKeyRefused, "signature"},
    {"S3WrongId", kOld, 1,
     "Fatal: unable to open config file: Stat: The AWS access key ID you provided does not exist "
     "in our records." TAIL,
     Cause::kKeyRefused, "access key ID"},
    {"S3WrongIdOtherWords", kOld, 1,
     "Fatal: unable to open config file: Stat: The access key ID you provided does not exist in "
     "our records." TAIL,
     Cause::kKeyRefused, "access key ID"},
    {"S3Forbidden", kOld, 1, "Fatal: unable to open config file: Stat: Access Denied." TAIL,
     Cause::kKeyRefused, "Access Denied."},
    {"S3NoBucket", kOld, 1,
     "Fatal: unable to open config file: Stat: The specified bucket does not exist" TAIL,
     Cause::kBucketAbsent, "bucket does not exist"},
    {"S3Cap", kOld, 1,
     "Fatal: unable to save snapshot: client.PutObject: Cannot upload files, storage cap exceeded. "
     "See the Caps & "
     "Alerts page to increase your cap.\n",
     Cause::kCapExceeded, "storage cap exceeded"},
    {"S3Busy", kOld, 1, "Fatal: unable to save snapshot: client.PutObject: no tomes available\n",
     Cause::kNetwork, "no tomes available"},
    {"RestWrongUser", kOld, 1,
     "Fatal: unable to open config file: unexpected HTTP response (401): 401 Unauthorized" TAIL,
     Cause::kKeyRefused, "401 Unauthorized"},
    {"RestAppendOnly", kOld, 1,
     "Remove(<lock/8785c289d7>) returned error, retrying after 552.330144ms: blob not removed, "
     "server response: 403 "
     "Forbidden (403)\nunexpected HTTP response (403): 403 Forbidden\n",
     Cause::kKeyRefused, "403 Forbidden"},
    {"RestAppendOnlyToTheEnd", kOld, 1,
     "unable to remove <index/7604a84e5c> from the repository\n"
     "Fatal: blob not removed, server response: 403 Forbidden (403)\n",
     Cause::kKeyRefused, "403 Forbidden"},
    {"RestBusy", kOld, 1,
     "Fatal: unable to open config file: unexpected HTTP response (503): 503 Unavailable" TAIL,
     Cause::kNetwork, "503"},
    {"RestFull", kOld, 1, "unexpected HTTP response (507): 507 Insufficient Storage\n",
     Cause::kDiskFull, "507"},
    {"RcloneCap", kOld, 1,
     "rclone: 2026/11/23 06:03:34 ERROR : data/ad/adcf: Post request put error: Storage cap "
     "exceeded (403 "
     "storage_cap_exceeded)\nFatal: unable to save snapshot: server response unexpected: 500 "
     "Internal Server Error "
     "(500)\n",
     Cause::kCapExceeded, "storage_cap_exceeded"},
    {"RcloneWrongKey", kOld, 1,
     "rclone: 2026/11/23 06:03:34 Failed to create file system for \"x:y\": failed to authorize "
     "account: (401 "
     "unauthorized)\nFatal: unable to open repository at rclone:x:y: error talking HTTP to rclone: "
     "exit status 1\n",
     Cause::kKeyRefused, "401 unauthorized"},
    {"RcloneServerError", kOld, 1,
     "Fatal: unable to save snapshot: server response unexpected: 500 Internal Server Error "
     "(500)\n",
     Cause::kNetwork, "500 Internal Server Error"},
    {"RcloneMissing", kOld, 1,
     "Fatal: unable to open repository at rclone:x:y: exec: \"rclone\": executable file not found "
     "in $PATH\n",
     Cause::kProgramMissing, "rclone"},
    {"SshRefused", kOld, 1,
     "subprocess ssh: ssh: connect to host 127.0.0.1 port 22: Connection refused\n"
     "Fatal: unable to open repository at sftp:nobody@127.0.0.1:/x: unable to start the sftp "
     "session, error: EOF\n",
     Cause::kNetwork, "Connection refused"},
    {"SshWrongKey", kOld, 1,
     "subprocess ssh: nobody@host: Permission denied (publickey,password).\n"
     "Fatal: unable to open repository at sftp:nobody@host:/x: unable to start the sftp session, "
     "error: EOF\n",
     Cause::kKeyRefused, "publickey"},
    {"SshUnknownHost", kOld, 1,
     "subprocess ssh: Host key verification failed.\n"
     "Fatal: unable to open repository at sftp:nobody@host:/x: unable to start the sftp session, "
     "error: EOF\n",
     Cause::kKeyRefused, "Host key"},
    {"UntrustedCertificate", kOld, 1,
     "Fatal: unable to open config file: Stat: Get \"https://h/\": x509: certificate signed by "
     "unknown authority" TAIL,
     Cause::kNetwork, "x509"},
    {"NoSuchHost", kNew, 1,
     "Fatal: unable to open config file: Head \"https://h/config\": dial tcp: lookup h: no such "
     "host\nrest:https://h/\n",
     Cause::kNetwork, "no such host"},
};

class StorageTexts : public ::testing::TestWithParam<Case> {};

TEST_P(StorageTexts, AreClassified) { ExpectClassified(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Failure, StorageTexts, ::testing::ValuesIn(kCases),
                         [](const auto& text) { return std::string(text.param.name); });

}  // namespace
}  // namespace runner
