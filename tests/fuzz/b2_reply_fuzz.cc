// Everything that Backblaze B2 (or a proxy in its place) may answer, and the file that remembers
// it: any bytes must give a value or an error, never a crash, and what was understood is judged.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runner/b2/answer.h"
#include "runner/b2/failures.h"
#include "runner/net/route.h"
#include "targets/b2/judge.h"

namespace {

void Check(bool holds) {
  if (!holds) __builtin_trap();
}

void CheckFindings(const std::vector<targets::B2Finding>& findings) {
  Check(!findings.empty());
  for (const targets::B2Finding& finding : findings) {
    Check(!finding.message.empty());
    Check(finding.remedy.empty() == (finding.level == targets::B2Level::kOk));
  }
}

void Judge(const targets::B2Account& account, const std::vector<targets::B2Bucket>& buckets) {
  using targets::B2Interface;
  for (const auto interface : {B2Interface::kNative, B2Interface::kS3}) {
    const targets::B2Demand demand{{interface, "us-west-004", "vault", "host"}, "key", true, true};
    CheckFindings(JudgeB2Key(account, demand, targets::FromUnixSeconds(1'800'000'000)));
    CheckFindings(JudgeB2Bucket(buckets, account, demand));
  }
}

void CheckAnswer(const runner::B2Answer& answer) {
  const auto again = runner::B2AnswerFromJson(runner::ToJson(answer));
  Check(again && *again == answer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto account = targets::DecodeB2Account(text);
  const auto buckets = targets::DecodeB2Buckets(text);
  if (account) Judge(*account, {});
  if (buckets) Judge({}, *buckets);
  if (const auto answer = runner::B2AnswerFromJson(text)) CheckAnswer(*answer);
  for (const int status : {400, 401, 403, 429, 503}) {
    const runner::Failure failure = runner::FailureOfReply("b2_list_buckets", status, text);
    Check(failure.reason.size() <= 500 && failure.reason.find('\n') == std::string::npos);
    Check(!failure.hint.empty());
  }
  (void)targets::B2AddressOf(text);
  if (const auto url = runner::ParseHttpUrl(text)) Check(!url->host.empty());
  (void)runner::ProxyFor({.host = "example.com"}, {{"HTTPS_PROXY", text}, {"NO_PROXY", text}});
  return 0;
}
