#include "runner/repository/run_output.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace runner {
namespace {

using Lines = std::vector<std::string>;

ProcessSpec Spec(const targets::Argv& argv) {
  ProcessSpec spec;
  spec.argv = argv;
  return spec;
}

RunOutput Told(const ProcessSpec& spec, const ProcessResult& result) {
  RunOutput output;
  OutputTeller(spec).Add(result, output);
  return output;
}

ProcessResult Ended(int code, const std::string& out, const std::string& err) {
  ProcessResult result;
  result.status = Exited{code};
  result.stdout_tail = out;
  result.stderr_tail = err;
  return result;
}

TEST(RunOutput, SaysHowAProgramEndedAndWhatItSaid) {
  const auto output =
      Told(Spec({"/usr/bin/restic", "--retry-lock", "5m", "backup", "--json", "/data"}),
           Ended(1, "{\"message_type\":\"status\"}\n", "Fatal: no\nmore\n"));
  EXPECT_EQ(output.tail, (Lines{"restic backup: exit code 1", "Fatal: no", "more"}));
}

TEST(RunOutput, LeavesOutAProgramThatHadNothingToSay) {
  const auto output = Told(Spec({"restic", "snapshots", "--json"}), Ended(0, "[]", ""));
  EXPECT_EQ(output.tail, Lines{});
  EXPECT_EQ(output.programs, 1);
}

TEST(RunOutput, SaysHowASilentProgramFailed) {
  ProcessResult killed;
  killed.status = Signalled{9};
  EXPECT_EQ(Told(Spec({"restic", "prune"}), killed).tail, Lines{"restic prune: ended by signal 9"});
  ProcessResult missing;
  missing.status = NotStarted{"no such file"};
  EXPECT_EQ(Told(Spec({"restic", "cat", "config"}), missing).tail,
            Lines{"restic cat: not started: no such file"});
}

TEST(RunOutput, HasWhatAPruneTellsPeople) {
  const auto output =
      Told(Spec({"restic", "prune"}), Ended(0, "loading indexes...\ntotal prune: 5 blobs\n", ""));
  EXPECT_EQ(output.tail,
            (Lines{"restic prune: exit code 0", "loading indexes...", "total prune: 5 blobs"}));
}

TEST(RunOutput, HasTheTextOfErrorsInJson) {
  const auto output =
      Told(Spec({"restic", "backup", "--json"}),
           Ended(3, "",
                 R"({"message_type":"error","error":{"message":"open /a: permission denied"},)"
                 R"("during":"archival","item":"/a"})"
                 "\n"));
  ASSERT_EQ(output.tail.size(), 2U);
  EXPECT_TRUE(output.tail[1].starts_with("cannot read /a")) << output.tail[1];
}

TEST(RunOutput, LeavesOutWhatMovesTheCursor) {
  EXPECT_EQ(
      Told(Spec({"restic", "check"}), Ended(1, "", "\x1b[2Kone \x1b[31;1mtwo\x1b[0m\x1b")).tail,
      (Lines{"restic check: exit code 1", "one two"}));
}

TEST(RunOutput, HasWhatAUsersCommandSaidButNotItsData) {
  RunOutput output;
  const OutputTeller teller = OutputTeller::OfCommand(Spec({"/usr/bin/pg_dump", "backup"}));
  EXPECT_FALSE(teller.OfRestic());
  teller.Add(Ended(2, "the data", "no such database\n"), output);
  EXPECT_EQ(output.tail, (Lines{"command pg_dump: exit code 2", "no such database"}));
}

TEST(RunOutput, LeavesOutTheFirstLineOfATailThatWasCut) {
  ProcessSpec spec = Spec({"restic", "check"});
  spec.stderr_tail = 10;
  EXPECT_EQ(Told(spec, Ended(1, "", "half\nwhole")).tail,
            (Lines{"restic check: exit code 1", "whole"}));
  EXPECT_EQ(Told(spec, Ended(1, "", "all\nwhole")).tail,
            (Lines{"restic check: exit code 1", "all", "whole"}));
  EXPECT_EQ(Told(spec, Ended(1, "", "1234567890")).tail, Lines{"restic check: exit code 1"});
}

TEST(RunOutput, AddsUpTheProcessorAndKeepsTheHighestPeakOfMemory) {
  RunOutput output;
  ProcessResult result = Ended(0, "", "");
  for (const int n : {2, 3, 1}) {
    result.resources.cpu = std::chrono::milliseconds(n);
    result.resources.peak_memory = static_cast<targets::Bytes>(n);
    OutputTeller(Spec({"restic", "cat"})).Add(result, output);
  }
  EXPECT_EQ(output, (RunOutput{3, {}, std::chrono::milliseconds(6), 3}));
  RunOutput both{1, {"first"}, std::chrono::milliseconds(1), 5};
  Append(both, output);
  EXPECT_EQ(both, (RunOutput{4, {"first"}, std::chrono::milliseconds(7), 5}));
}

TEST(RunOutput, KeepsTheLastLines) {
  RunOutput output;
  for (std::size_t i = 0; i <= RunOutput::kMostLines; ++i)
    Append(output, {1, {fmt::format("{}", i)}, {}, 0});
  EXPECT_EQ(output.tail.size(), RunOutput::kMostLines);
  EXPECT_EQ(output.tail.front(), "1");
}

}  // namespace
}  // namespace runner
