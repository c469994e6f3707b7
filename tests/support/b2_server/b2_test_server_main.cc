#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <tuple>

#include "tests/support/b2_server/b2_server.h"

namespace {

using runner::testing::B2Server;
using runner::testing::b2::Logged;

struct Arguments {
  int port = 0;
  std::string bucket = "test-bucket";
  std::string folder;
};

/// How to use it, in lines for a shell.
void Introduce(B2Server& server, const std::string& bucket) {
  const B2Server::Credentials key = server.AddKey({.buckets = {bucket}});
  fmt::print("# A Backblaze B2 in memory: all is lost at its end (Ctrl-C). In another shell:\n");
  fmt::print("export HTTPS_PROXY={}\n", server.proxy_url());
  fmt::print("export SSL_CERT_FILE={}\n", server.ca_file());
  fmt::print("export B2_ACCOUNT_ID={}\n", key.id);
  fmt::print("export B2_ACCOUNT_KEY={}\n", key.secret);
  fmt::print("# The repository: b2:{}:PATH\n", bucket);
  std::ignore = std::fflush(stdout);
}

void Print(const Logged& request) {
  fmt::print("{}\n", runner::testing::b2::ToLine(request));
  std::ignore = std::fflush(stdout);
}

int Serve(const Arguments& arguments, const sigset_t& stop) {
  B2Server server({.folder = arguments.folder, .port = arguments.port, .on_request = Print});
  server.AddBucket(arguments.bucket);
  Introduce(server, arguments.bucket);
  int signal = 0;
  sigwait(&stop, &signal);
  const auto& log = server.log();
  fmt::print("\nclass A (free): {}, class B: {}, class C: {}; {} bytes stored, {} bytes read\n",
             log.ClassA(), log.ClassB(), log.ClassC(), log.BytesUploaded(), log.BytesDownloaded());
  return 0;
}

std::string TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "b2-test-server-XXXXXX").string();
  return mkdtemp(pattern.data()) == nullptr ? "" : pattern;
}

int Main(int argc, char** argv) {
  sigset_t stop;
  sigemptyset(&stop);
  for (const int number : {SIGINT, SIGTERM}) {
    // A shell's background job ignores SIGINT from the start.
    std::ignore = std::signal(number, SIG_DFL);
    sigaddset(&stop, number);
  }
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  Arguments arguments;
  CLI::App app("A Backblaze B2 on 127.0.0.1 for trying and testing; it forgets all at its end.");
  app.add_option("--port", arguments.port, "Where to listen; 0: any free port")
      ->check(CLI::Range(0, 65535));
  app.add_option("--bucket", arguments.bucket, "The bucket that is there from the start");
  app.add_option("--folder", arguments.folder, "For its certificates; default: a temporary one");
  CLI11_PARSE(app, argc, argv);
  if (!arguments.folder.empty()) return Serve(arguments, stop);

  arguments.folder = TemporaryFolder();
  const int code = Serve(arguments, stop);
  std::error_code ignored;
  std::filesystem::remove_all(arguments.folder, ignored);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    std::ignore = std::fprintf(stderr, "b2-test-server: %s\n", error.what());
    return 1;
  }
}
