#include <algorithm>
#include <utility>

#include "tests/support/fake_process_runner.h"

namespace runner::testing {

FakeProcessRunner::Matcher HasWords(std::vector<std::string> words) {
  return [words = std::move(words)](const ProcessSpec& spec) {
    auto from = spec.argv.begin();
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      from = std::find(from, spec.argv.end(), word);
      return from != spec.argv.end() && (++from, true);
    });
  };
}

}  // namespace runner::testing
