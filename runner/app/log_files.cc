#include "runner/app/log_files.h"

#include <Poco/Exception.h>
#include <Poco/Message.h>
#include <fmt/format.h>

#include <filesystem>

#include "runner/app/log_line.h"

namespace runner {
namespace {

constexpr std::string_view kScheduler = "scheduler.log";
constexpr std::string_view kBackup = "backup.log";
constexpr std::string_view kRestore = "restore.log";

Poco::AutoPtr<Poco::FileChannel> Channel(const std::string& path, const LogRotation& rotation) {
  Poco::AutoPtr<Poco::FileChannel> channel(new Poco::FileChannel(path));
  channel->setProperty(Poco::FileChannel::PROP_ROTATION, std::to_string(rotation.bytes));
  channel->setProperty(Poco::FileChannel::PROP_ARCHIVE, "number");
  channel->setProperty(Poco::FileChannel::PROP_PURGECOUNT, std::to_string(rotation.archives));
  return channel;
}

}  // namespace

std::string_view LogFileOf(std::string_view stage) {
  if (stage == "backup" || stage == "forget" || stage == "hooks") return kBackup;
  if (stage == "restore" || stage == "drill") return kRestore;
  return kScheduler;
}

LogFiles::LogFiles(Console& console, const Clock& clock, const targets::Logging& logging,
                   bool debug, LogRotation rotation)
    : console_(console), clock_(clock), logging_(logging), debug_(debug) {
  const std::array names = {kScheduler, kBackup, kRestore};
  for (std::size_t i = 0; i < names.size(); ++i) {
    files_[i] = {names[i], Channel(logging_.dir + "/" + std::string(names[i]), rotation)};
  }
}

void LogFiles::MakeFolder() {
  std::error_code error;
  std::filesystem::create_directories(logging_.dir, error);
  if (error) Complain(error.message());
}

void LogFiles::OnEvent(const Event& event) {
  if (event.severity == Severity::kDebug && !debug_) return;
  std::call_once(folder_made_, [this] { MakeFolder(); });
  Poco::Message line;
  line.setText(LogLine(logging_.format, event, clock_.Now(), console_.redactor()));
  const std::string_view name = LogFileOf(event.stage);
  for (File& file : files_) {
    if (file.name != name) continue;
    try {
      file.channel->log(line);
    } catch (const Poco::Exception& error) {
      Complain(error.displayText());
    } catch (const std::exception& error) {
      Complain(error.what());
    }
  }
}

void LogFiles::Complain(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (complained_) return;
    complained_ = true;
  }
  const Event event{Severity::kWarning, "", "",
                    fmt::format("logging.dir: {} cannot be written: {}; the log is here only",
                                logging_.dir, why)};
  ConsoleObserver(console_, clock_, false, logging_.format).OnEvent(event);
}

}  // namespace runner
