#include "runner/history/history_file.h"

#include <Poco/Data/RecordSet.h>
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/SQLiteException.h>
#include <Poco/Data/Session.h>
#include <Poco/Nullable.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "targets/base/text.h"

namespace runner {
namespace {

using Poco::Data::Session;
using Poco::Data::Statement;
using Poco::Data::Keywords::bind;
using Poco::Data::Keywords::into;
using Poco::Data::Keywords::limit;
using Poco::Data::Keywords::now;
using Number = Poco::Nullable<Poco::Int64>;

constexpr const char* kColumns =
    "id, target, stage, due, started, ended, took_ms, outcome, cause, reason, hint, snapshot, "
    "files_new, files_changed, files_unmodified, files_total, bytes_total, bytes_added, cpu_ms, "
    "peak_memory, processes, warnings, tail";

tl::unexpected<HistoryTrouble> Trouble(HistoryTrouble::Kind kind, const std::string& path,
                                       const std::string& what, std::string hint) {
  return tl::unexpected(HistoryTrouble{kind, {fmt::format("{}: {}", path, what), std::move(hint)}});
}

constexpr const char* kDamageHint = "the next run sets it aside and begins a new one";

/// Calls `work`, which uses the library. Our statements are right: if SQLite does not understand
/// one, the file is not what we made; `misunderstood` says what that is.
template <typename Work>
auto Guarded(const std::string& path, Work work,
             HistoryTrouble::Kind misunderstood = HistoryTrouble::Kind::kDamaged)
    -> decltype(work()) {
  using Kind = HistoryTrouble::Kind;
  try {
    return work();
  } catch (const Poco::Data::SQLite::CorruptImageException& damage) {
    return Trouble(Kind::kDamaged, path, damage.message(), kDamageHint);
  } catch (const Poco::Data::SQLite::InvalidSQLStatementException& damage) {
    return Trouble(misunderstood, path, targets::OneLine(damage.message()), kDamageHint);
  } catch (const Poco::Exception& error) {
    return Trouble(Kind::kOther, path, targets::OneLine(error.displayText()),
                   "is the disk full or read-only, or does another program use the file?");
  } catch (const std::exception& error) {
    return Trouble(Kind::kOther, path, targets::OneLine(error.what()), "");
  }
}

/// Takes back what was not committed.
class Transaction {
 public:
  explicit Transaction(Session& session) : session_(session) { session_ << "BEGIN IMMEDIATE", now; }
  ~Transaction() {
    if (committed_) return;
    try {
      session_ << "ROLLBACK", now;
    } catch (const std::exception&) {
      return;  // SQLite has rolled back by itself
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit() {
    session_ << "COMMIT", now;
    committed_ = true;
  }

 private:
  Session& session_;
  bool committed_ = false;
};

std::size_t VersionOf(Session& session) {
  Poco::Int64 version = 0;
  session << "PRAGMA user_version", into(version), now;
  return static_cast<std::size_t>(std::max<Poco::Int64>(version, 0));
}

/// Two processes may do this at once: the second finds it done.
HistoryResult<void> Migrate(const std::string& path, Session& session,
                            std::span<const Migration> migrations) {
  const auto work = [&]() -> HistoryResult<void> {
    if (VersionOf(session) >= migrations.size()) return {};
    Transaction transaction(session);
    for (std::size_t version = VersionOf(session); version < migrations.size(); ++version) {
      for (const std::string& statement : migrations[version]) session << statement, now;
    }
    session << fmt::format("PRAGMA user_version = {}", migrations.size()), now;
    transaction.Commit();
    return {};
  };
  return Guarded(path, work, HistoryTrouble::Kind::kOther);
}

template <typename T>
Number ToNumber(const std::optional<T>& value) {
  return value ? Number(static_cast<Poco::Int64>(*value)) : Number();
}
Number ToNumber(const std::optional<std::chrono::milliseconds>& value) {
  return value ? Number(value->count()) : Number();
}
Number ToNumber(const std::optional<targets::UnixTime>& value) {
  return value ? Number(targets::ToUnixSeconds(*value)) : Number();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  if (text.empty()) return lines;
  for (const std::string_view line : targets::Split(text, '\n')) lines.emplace_back(line);
  return lines;
}

/// One row of kColumns.
class Row {
 public:
  explicit Row(Poco::Data::RecordSet& rows) : rows_(rows) {}

  [[nodiscard]] std::string Text(const char* column) const {
    return rows_[column].convert<std::string>();
  }
  template <typename T>
  std::optional<T> Value(const char* column) const {
    const auto number = Integer(column);
    return number ? std::optional(T(*number)) : std::nullopt;
  }
  [[nodiscard]] std::optional<targets::UnixTime> Time(const char* column) const {
    const auto number = Integer(column);
    return number ? std::optional(targets::FromUnixSeconds(*number)) : std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<std::int64_t> Integer(const char* column) const {
    const Poco::Dynamic::Var value = rows_[column];
    if (value.isEmpty()) return std::nullopt;
    return value.convert<Poco::Int64>();
  }

  Poco::Data::RecordSet& rows_;
};

RunFigures FiguresOf(const Row& row) {
  RunFigures figures;
  figures.files_new = row.Value<std::uint64_t>("files_new");
  figures.files_changed = row.Value<std::uint64_t>("files_changed");
  figures.files_unmodified = row.Value<std::uint64_t>("files_unmodified");
  figures.files_total = row.Value<std::uint64_t>("files_total");
  figures.bytes_total = row.Value<targets::Bytes>("bytes_total");
  figures.bytes_added = row.Value<targets::Bytes>("bytes_added");
  figures.cpu = row.Value<std::chrono::milliseconds>("cpu_ms");
  figures.peak_memory = row.Value<targets::Bytes>("peak_memory");
  figures.processes = row.Value<std::uint64_t>("processes");
  return figures;
}

RunRecord RecordOf(const Row& row) {
  RunRecord run;
  run.id = row.Value<std::int64_t>("id").value_or(0);
  run.target = targets::TargetId(row.Text("target"));
  run.stage = targets::StageFromName(row.Text("stage")).value_or(targets::Stage::kBackup);
  run.due = row.Time("due");
  run.started = row.Time("started").value_or(targets::UnixTime{});
  run.ended = row.Time("ended");
  run.took = row.Value<std::chrono::milliseconds>("took_ms");
  run.outcome = row.Text("outcome");
  run.cause = row.Text("cause");
  run.reason = row.Text("reason");
  run.hint = row.Text("hint");
  run.snapshot = targets::SnapshotId(row.Text("snapshot"));
  run.figures = FiguresOf(row);
  run.warnings = Lines(row.Text("warnings"));
  run.tail = Lines(row.Text("tail"));
  return run;
}

std::vector<RunRecord> Read(Statement& statement) {
  Poco::Data::RecordSet rows(statement);
  std::vector<RunRecord> runs;
  for (bool more = rows.moveFirst(); more; more = rows.moveNext())
    runs.push_back(RecordOf(Row(rows)));
  return runs;
}

/// What a query asks for; the parameters are bound in this order.
struct Condition {
  std::string text = "1 = 1";
  std::vector<std::string> words;
  std::vector<Poco::Int64> numbers;

  explicit Condition(const HistoryQuery& query) {
    if (query.target) text += " AND target = ?", words.push_back(query.target->str());
    if (query.stage) text += " AND stage = ?", words.emplace_back(targets::StageName(*query.stage));
    if (query.since) {
      text += " AND started >= ?";
      numbers.push_back(targets::ToUnixSeconds(*query.since));
    }
  }

  void BindTo(Statement& statement) const {
    for (const std::string& word : words) statement, bind(word);
    for (const Poco::Int64 number : numbers) statement, bind(number);
  }
};

/// Steps from target to target and looks up each stage in the index: a year of 200 targets is
/// 219,000 runs, of which this touches a few thousand.
std::string NewestStatement(NewestOf which) {
  std::vector<std::string> stages;
  for (const targets::Stage stage : targets::kTargetStages)
    stages.push_back(fmt::format("('{}')", targets::StageName(stage)));
  for (const targets::Stage stage : targets::kRepositoryStages)
    stages.push_back(fmt::format("('{}')", targets::StageName(stage)));
  return fmt::format(
      "WITH RECURSIVE subject(name) AS (SELECT MIN(target) FROM run WHERE {0} UNION ALL SELECT "
      "(SELECT MIN(target) FROM run WHERE {0} AND target > name) FROM subject WHERE name IS NOT "
      "NULL), word(name) AS (VALUES {1}) SELECT {2} FROM run WHERE id IN (SELECT (SELECT MAX(id) "
      "FROM run WHERE {0} AND target = subject.name AND stage = word.name) FROM subject, word) "
      "ORDER BY target, stage",
      which == NewestOf::kAll ? "1 = 1" : "snapshot <> ''", targets::Join(stages, ", "), kColumns);
}

}  // namespace

HistoryFile::HistoryFile(std::string path, std::unique_ptr<Session> session)
    : path_(std::move(path)), session_(std::move(session)) {}

HistoryFile::~HistoryFile() = default;

HistoryResult<std::unique_ptr<HistoryFile>> HistoryFile::Open(
    const std::string& path, std::span<const Migration> migrations) {
  static std::once_flag registered;
  return Guarded(path, [&]() -> HistoryResult<std::unique_ptr<HistoryFile>> {
    std::call_once(registered, [] { Poco::Data::SQLite::Connector::registerConnector(); });
    auto session = std::make_unique<Session>("SQLite", path, std::size_t{kBusySeconds});
    Poco::Int64 milliseconds = 0;
    *session << fmt::format("PRAGMA busy_timeout = {}", kBusySeconds * 1000), into(milliseconds),
        now;
    const std::size_t version = VersionOf(*session);
    if (version > migrations.size()) {
      return Trouble(
          HistoryTrouble::Kind::kOther, path,
          fmt::format("it has version {}, this runner knows only {}", version, migrations.size()),
          "a newer runner wrote it: use that one, or move the file away");
    }
    std::string mode;
    *session << "PRAGMA journal_mode = WAL", into(mode), now;
    *session << "PRAGMA synchronous = FULL", now;
    if (auto migrated = Migrate(path, *session, migrations); !migrated)
      return tl::unexpected(std::move(migrated.error()));
    return std::unique_ptr<HistoryFile>(new HistoryFile(path, std::move(session)));
  });
}

HistoryResult<void> HistoryFile::Verify() {
  return Guarded(path_, [&]() -> HistoryResult<void> {
    std::string word;
    *session_ << "PRAGMA quick_check(1)", into(word), limit(1), now;
    if (word != "ok")
      return Trouble(HistoryTrouble::Kind::kDamaged, path_, targets::OneLine(word), kDamageHint);
    *session_ << "SELECT " << kColumns << " FROM run LIMIT 0", now;
    return {};
  });
}

HistoryResult<std::int64_t> HistoryFile::Insert(const RunRecord& run) {
  return Guarded(path_, [&]() -> HistoryResult<std::int64_t> {
    const RunFigures& figures = run.figures;
    Transaction transaction(*session_);
    *session_ << "INSERT INTO run (target, stage, due, started, ended, took_ms, outcome, cause, "
                 "reason, hint, snapshot, files_new, files_changed, files_unmodified, files_total, "
                 "bytes_total, bytes_added, cpu_ms, peak_memory, processes, warnings, tail) VALUES "
                 "(?, ?, ?, "
                 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        bind(run.target.str()), bind(std::string(targets::StageName(run.stage))),
        bind(ToNumber(run.due)), bind(Poco::Int64{targets::ToUnixSeconds(run.started)}),
        bind(ToNumber(run.ended)), bind(ToNumber(run.took)), bind(run.outcome), bind(run.cause),
        bind(run.reason), bind(run.hint), bind(run.snapshot.str()),
        bind(ToNumber(figures.files_new)), bind(ToNumber(figures.files_changed)),
        bind(ToNumber(figures.files_unmodified)), bind(ToNumber(figures.files_total)),
        bind(ToNumber(figures.bytes_total)), bind(ToNumber(figures.bytes_added)),
        bind(ToNumber(figures.cpu)), bind(ToNumber(figures.peak_memory)),
        bind(ToNumber(figures.processes)), bind(targets::Join(run.warnings, "\n")),
        bind(targets::Join(run.tail, "\n")), now;
    Poco::Int64 id = 0;
    *session_ << "SELECT last_insert_rowid()", into(id), now;
    transaction.Commit();
    return id;
  });
}

HistoryResult<HistoryPage> HistoryFile::Select(const HistoryQuery& query) {
  return Guarded(path_, [&]() -> HistoryResult<HistoryPage> {
    const Condition condition(query);
    Statement count(*session_);
    Poco::Int64 matching = 0;
    count << "SELECT COUNT(*) FROM run WHERE " << condition.text, into(matching);
    condition.BindTo(count);
    count.execute();
    Statement select(*session_);
    select << "SELECT " << kColumns << " FROM run WHERE " << condition.text
           << " ORDER BY id DESC LIMIT ?";
    condition.BindTo(select);
    select, bind(static_cast<Poco::Int64>(query.limit));
    select.execute();
    HistoryPage page{Read(select), static_cast<std::size_t>(matching)};
    std::ranges::reverse(page.runs);
    return page;
  });
}

HistoryResult<std::vector<RunRecord>> HistoryFile::Newest(NewestOf which) {
  return Guarded(path_, [&]() -> HistoryResult<std::vector<RunRecord>> {
    Statement select(*session_);
    select << NewestStatement(which);
    select.execute();
    return Read(select);
  });
}

/// Whoever knows all but the newest runs walks along the ids (the pluses take the other columns out
/// of the planner's sight), the others along the index of stages.
HistoryResult<OutlinePage> HistoryFile::Outline(const OutlineQuery& query) {
  return Guarded(path_, [&]() -> HistoryResult<OutlinePage> {
    std::vector<Poco::Int64> ids;
    std::vector<Poco::Int64> started;
    std::vector<Poco::Int64> bytes;
    std::vector<std::string> names;
    std::vector<std::string> outcomes;
    *session_ << "SELECT id, target, started, outcome, IFNULL(bytes_total, -1) FROM run WHERE "
              << (query.after > 0 ? "+started >= ? AND id > ? AND +stage = ?"
                                  : "started >= ? AND id > ? AND stage = ?")
              << " ORDER BY id LIMIT ?",
        into(ids), into(names), into(started), into(outcomes), into(bytes),
        bind(Poco::Int64{targets::ToUnixSeconds(query.since)}), bind(Poco::Int64{query.after}),
        bind(std::string(targets::StageName(query.stage))),
        bind(static_cast<Poco::Int64>(query.limit)), now;
    OutlinePage page;
    page.runs.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      page.runs.push_back(
          {ids[i], targets::TargetId(std::move(names[i])), targets::FromUnixSeconds(started[i]),
           std::move(outcomes[i]),
           bytes[i] < 0 ? std::nullopt : std::optional(static_cast<targets::Bytes>(bytes[i]))});
    }
    Poco::Int64 newest = 0;
    *session_ << "SELECT IFNULL(MAX(id), 0) FROM run", into(newest), now;
    page.newest = newest;
    return page;
  });
}

HistoryResult<std::optional<RunRecord>> HistoryFile::Find(std::int64_t id) {
  return Guarded(path_, [&]() -> HistoryResult<std::optional<RunRecord>> {
    Statement select(*session_);
    select << "SELECT " << kColumns << " FROM run WHERE id = ?", bind(Poco::Int64{id});
    select.execute();
    std::vector<RunRecord> found = Read(select);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  });
}

HistoryResult<std::size_t> HistoryFile::Trim(targets::UnixTime before) {
  return Guarded(path_, [&]() -> HistoryResult<std::size_t> {
    Statement trim(*session_);
    trim << "DELETE FROM run WHERE started < ?", bind(Poco::Int64{targets::ToUnixSeconds(before)});
    return trim.execute();
  });
}

}  // namespace runner
