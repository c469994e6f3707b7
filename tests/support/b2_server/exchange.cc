#include "tests/support/b2_server/exchange.h"

#include <utility>

namespace runner::testing::b2 {
namespace {

/// An upload token in use, from the head of its request to the answer.
class UploadTurn {
 public:
  UploadTurn(Api& api, const Request& request)
      : api_(api), request_(request), mine_(api.EnterUpload(request)) {}
  ~UploadTurn() {
    if (mine_) api_.LeaveUpload(request_);
  }
  UploadTurn(const UploadTurn&) = delete;
  UploadTurn& operator=(const UploadTurn&) = delete;

  [[nodiscard]] bool mine() const { return mine_; }

 private:
  Api& api_;
  const Request& request_;
  bool mine_;
};

Reply FaultReply(const Fault& fault) {
  Reply reply = JsonReply(fault.status, ErrorBody(fault));
  if (fault.retry_after)
    reply.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after));
  if (fault.body) reply.content_type = "text/html";
  return reply;
}

Reply Corrupted(Reply reply) {
  std::string bytes(reply.Text());
  if (!bytes.empty()) bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  reply.body = std::make_shared<const std::string>(std::move(bytes));
  reply.from = 0;
  return reply;
}

}  // namespace

Exchange::Exchange(Connection& connection, const Shared& shared, Head head)
    : connection_(connection), shared_(shared), head_(std::move(head)) {
  logged_.api = target_.api.empty() ? head_.request.path : target_.api;
  logged_.price_class = ClassOf(target_.api);
}

void Exchange::Log(int status, std::size_t bytes_out) {
  logged_.time_ms = shared_.now();
  logged_.status = status;
  logged_.bytes_in = body_.size();
  if (head_.request.body != nullptr) logged_.bytes_in = head_.request.body->size();
  logged_.bytes_out = bytes_out;
  shared_.log.Add(logged_);
}

bool Exchange::Strikes() const {
  return fault_ && (fault_->kind == Fault::Kind::kStatus || fault_->kind == Fault::Kind::kReset ||
                    fault_->kind == Fault::Kind::kHang);
}

bool Exchange::ReadRest() { return connection_.ReadBody(body_, head_.body_size - body_.size()); }

bool Exchange::Run() {
  if (head_.chunked) {
    head_.keep_alive = false;
    return Refused({411, "length_required", "B2 wants a Content-Length"});
  }
  const UploadTurn turn(shared_.api, head_.request);
  if (head_.request.Header("Expect") == "100-continue" &&
      !connection_.Write("HTTP/1.1 100 Continue\r\n\r\n"))
    return false;
  if (upload_) {
    logged_.name = shared_.api.NameOf(head_.request);
    fault_ = shared_.faults.Take(target_.api, logged_.name);
    if (Strikes() && fault_->mid_body) {
      if (connection_.ReadBody(body_, head_.body_size / 2)) RunFault();
      return false;
    }
  }
  if (!ReadRest()) {
    Log(0, 0);
    return false;
  }
  head_.request.body = std::make_shared<const std::string>(std::move(body_));
  if (!upload_) {
    logged_.name = shared_.api.NameOf(head_.request);
    fault_ = shared_.faults.Take(target_.api, logged_.name);
  }
  if (Strikes()) return RunFault();
  if (!turn.mine()) return Refused({400, "bad_request", "more than one upload using auth token"});
  return RunAnswer();
}

bool Exchange::Refused(const Refusal& refusal) {
  const Reply reply = RefusalReply(refusal);
  Log(reply.status, reply.length);
  return Send(reply);
}

bool Exchange::RunFault() {
  if (fault_->kind == Fault::Kind::kStatus) {
    const Reply reply = FaultReply(*fault_);
    Log(reply.status, reply.length);
    return Send(reply) && (head_.request.body != nullptr || ReadRest());
  }
  Log(0, 0);
  if (fault_->kind == Fault::Kind::kHang) connection_.WaitForEnd();
  connection_.Reset();
  return false;
}

bool Exchange::RunAnswer() {
  Api::Answer answer = shared_.api.Handle(head_.request);
  const Fault::Kind kind = fault_ ? fault_->kind : Fault::Kind::kStatus;
  logged_.key_id = answer.key_id;
  logged_.units = answer.units;
  Log(kind == Fault::Kind::kLostReply ? 0 : answer.reply.status, answer.reply.length);
  switch (kind) {
    case Fault::Kind::kLostReply:
      connection_.Reset();
      return false;
    case Fault::Kind::kTruncate:
      SendHalf(answer.reply);
      return false;
    case Fault::Kind::kStall:
      if (SendHalf(answer.reply)) connection_.WaitForEnd();
      return false;
    case Fault::Kind::kDelay:
      return shared_.pause(fault_->delay) && Send(answer.reply);
    case Fault::Kind::kCorrupt:
      return Send(Corrupted(std::move(answer.reply)));
    default:
      return Send(answer.reply);
  }
}

bool Exchange::Send(const Reply& reply) {
  if (!connection_.Write(HeadOf(reply, head_.keep_alive))) return false;
  if (head_.request.method != "HEAD" && !connection_.Write(reply.Text())) return false;
  return head_.keep_alive;
}

bool Exchange::SendHalf(const Reply& reply) {
  return connection_.Write(HeadOf(reply, head_.keep_alive)) &&
         connection_.Write(reply.Text().substr(0, reply.length / 2));
}

bool AnswerConnect(Connection& connection, const Shared& shared, const Head& head) {
  const bool known =
      head.host.ends_with(".backblazeb2.com:443") || head.host == "backblazeb2.com:443";
  shared.log.Add(
      {.time_ms = shared.now(), .api = "CONNECT", .status = known ? 200 : 403, .name = head.host});
  if (known) return connection.Write("HTTP/1.1 200 Connection established\r\n\r\n");
  connection.Write(HeadOf(JsonReply(403, "{}"), false) + "{}");
  return false;
}

}  // namespace runner::testing::b2
